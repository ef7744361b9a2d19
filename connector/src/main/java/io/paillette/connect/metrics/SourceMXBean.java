package io.paillette.connect.metrics;

/** {@code paillette.connect:type=source,server=<topic.prefix>}. Counters begin at the start of the task. */
public interface SourceMXBean {

    @Meaning("When the task was started, in milliseconds since 1970.")
    long getStartTime();

    @Meaning("Whether the database is read; false while it cannot be reached.")
    boolean isConnected();

    @Meaning("Times that reading broke and was begun again.")
    long getFaults();

    @Meaning("Why it broke last; empty when it never did.")
    String getLastFault();

    @Meaning(
            "WAL that the source has written and that is neither stored in Kafka nor known to hold nothing for us, in bytes;"
                    + " -1 before it is known.")
    long getLagBytes();

    @Meaning("Of the last change, from its commit to when it was handed to Connect; -1 before the first.")
    long getLagMilliSeconds();

    @Meaning("WAL that the slot holds back, in bytes; -1 before it is known.")
    long getSlotRetainedBytes();

    @Meaning("wal_status of the slot; empty before it is known, and on Postgres 12.")
    String getSlotWalStatus();

    @Meaning("Rows inserted.")
    long getInserts();

    @Meaning("Rows updated.")
    long getUpdates();

    @Meaning("Rows deleted.")
    long getDeletes();

    @Meaning("Truncates.")
    long getTruncates();

    @Meaning("Rows read, at the first start or for a signal.")
    long getRowsRead();

    @Meaning("Logical messages.")
    long getMessages();

    @Meaning("Transactions of the source with something for us.")
    long getTransactions();

    @Meaning("Records handed to Connect.")
    long getRecords();

    @Meaning("Bytes that wait in memory to be handed to Connect.")
    long getQueuedBytes();

    @Meaning("Bound of these: max.queue.size.in.bytes.")
    long getQueueCapacityBytes();

    @Meaning("Tables of which rows that were there before are still to be read.")
    int getUnreadTables();

    @Meaning("Tables that signals asked for and that are not read yet, paused ones among them.")
    int getUnreadTablesOfSignals();

    @Meaning("The place in the WAL up to which everything is in Kafka, its offset with it; empty before the first.")
    String getStoredLsn();
}
