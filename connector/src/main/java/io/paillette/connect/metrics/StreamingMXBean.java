package io.paillette.connect.metrics;

import java.util.Map;

/** {@code debezium.postgres:type=connector-metrics,context=streaming,server=<topic.prefix>}, as far as it means something here. */
public interface StreamingMXBean {

    @Meaning("Whether the database is read.")
    boolean isConnected();

    @Meaning("Of the last change, from its commit to when it was handed to Connect; -1 before the first.")
    long getMilliSecondsBehindSource();

    @Meaning("Since the last change; -1 before the first.")
    long getMilliSecondsSinceLastEvent();

    @Meaning("Changes and messages.")
    long getTotalNumberOfEventsSeen();

    @Meaning("Rows inserted.")
    long getTotalNumberOfCreateEventsSeen();

    @Meaning("Rows updated.")
    long getTotalNumberOfUpdateEventsSeen();

    @Meaning("Rows deleted.")
    long getTotalNumberOfDeleteEventsSeen();

    @Meaning("Transactions of the source with something for us.")
    long getNumberOfCommittedTransactions();

    @Meaning("As in the records' transaction block; empty before the first.")
    String getLastTransactionId();

    @Meaning("lsn, txId and ts_usec of the last change; empty before the first.")
    Map<String, String> getSourceEventPosition();

    @Meaning("max.queue.size.in.bytes.")
    long getMaxQueueSizeInBytes();

    @Meaning("Bytes that wait in memory to be handed to Connect.")
    long getCurrentQueueSizeInBytes();

    @Meaning("schema.table of each captured table, a second or so old.")
    String[] getCapturedTables();
}
