package io.paillette.broker.api;

import io.paillette.broker.log.Logs;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import io.paillette.broker.wire.ApiRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ApiVersionsResponse;

/** All handlers, made once. Closing it answers the fetches that wait, so that a stop need not wait for them. */
public final class ApiHandlers implements AutoCloseable {

    private final FetchWaits waits;
    private final ApiRegistry registry;
    private final ApiVersionsHandler versions;

    /**
     * @param more handlers made elsewhere: groups, transactions
     */
    public ApiHandlers(
            BrokerIdentity identity,
            Topics topics,
            Logs logs,
            Transactions transactions,
            ApiSettings settings,
            Collection<? extends Collection<? extends ApiHandler<?>>> more) {
        this.waits = new FetchWaits(identity.brokerId());
        waits.follow(logs);
        Partitions partitions = new Partitions(topics, logs, identity.cluster());
        ToldConfigs configs = new ToldConfigs(settings);
        List<ApiHandler<?>> all = new ArrayList<>();
        more.forEach(all::addAll);
        all.add(new ProduceHandler(identity, partitions, transactions));
        all.add(new FetchHandler(identity, topics, partitions, waits, settings));
        all.add(new ListOffsetsHandler(partitions));
        all.add(new OffsetForLeaderEpochHandler(partitions));
        all.add(new MetadataHandler(identity, topics, partitions, settings));
        all.add(new CreateTopicsHandler(new AskedTopics(identity, settings.defaultPartitions()), topics, configs));
        all.add(new DeleteTopicsHandler(topics));
        all.add(new DeleteRecordsHandler(partitions));
        all.add(new CreatePartitionsHandler(identity, topics));
        all.add(new DescribeTopicPartitionsHandler(topics, partitions));
        all.add(new DescribeConfigsHandler(identity, topics, configs));
        all.add(new AlterConfigsHandler(new ConfigChange(topics, identity, ApiKeys.ALTER_CONFIGS)));
        all.add(new IncrementalAlterConfigsHandler(
                new ConfigChange(topics, identity, ApiKeys.INCREMENTAL_ALTER_CONFIGS), settings.topicDefaults()));
        all.add(new DescribeClusterHandler(identity));
        all.add(new ListPartitionReassignmentsHandler());
        List<ApiRange> ranges = all.stream().map(ApiHandler::serves).toList();
        this.versions = new ApiVersionsHandler(ranges);
        all.add(versions);
        this.registry = new ApiRegistry(all);
    }

    public ApiRegistry registry() {
        return registry;
    }

    /** What an unauthenticated client is told on a listener with SASL. */
    public ApiVersionsResponse versions() {
        return versions.answer();
    }

    /** How many fetches wait for data now. */
    public int waitingFetches() {
        return waits.waiting();
    }

    @Override
    public void close() {
        waits.close();
    }
}
