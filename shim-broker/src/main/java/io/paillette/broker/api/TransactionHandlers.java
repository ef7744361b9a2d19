package io.paillette.broker.api;

import io.paillette.broker.group.Groups;
import io.paillette.broker.log.Logs;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import java.util.List;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** The handlers of transactions. */
public final class TransactionHandlers {

    private TransactionHandlers() {}

    public static List<ApiHandler<?>> of(
            BrokerIdentity identity, Transactions transactions, Topics topics, Logs logs, Groups groups) {
        GroupCoordinator coordinator = groups.coordinator();
        var partitions = new Partitions(topics, logs, identity.cluster());
        return List.of(
                new InitProducerIdHandler(logs.producerIds()::next, transactions),
                new AddPartitionsToTxnHandler(topics, transactions),
                new AddOffsetsToTxnHandler(coordinator, transactions),
                new EndTxnHandler(transactions),
                GroupHandlers.whileActing(new TxnOffsetCommitHandler(groups, topics), identity),
                new WriteTxnMarkersHandler(partitions, coordinator),
                new DescribeProducersHandler(partitions),
                new DescribeTransactionsHandler(topics, transactions),
                new ListTransactionsHandler(identity, transactions));
    }
}
