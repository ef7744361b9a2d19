package io.paillette.connect.metrics;

import java.util.Map;

/** {@code debezium.postgres:type=connector-metrics,context=snapshot,server=<topic.prefix>}, as far as it means something here. */
public interface SnapshotMXBean {

    @Meaning("Tables that are read or were since the start, and those that wait for it.")
    int getTotalTableCount();

    @Meaning("Of these, those that are not done with.")
    int getRemainingTableCount();

    @Meaning("Whether rows that were there before are being read.")
    boolean isSnapshotRunning();

    @Meaning("Whether all of them are in Kafka.")
    boolean isSnapshotCompleted();

    @Meaning("Whether what a signal asked for is paused.")
    boolean isSnapshotPaused();

    @Meaning("Rows read of each table since the start of the task, by schema.table.")
    Map<String, Long> getRowsScanned();

    @Meaning("schema.table of each captured table, a second or so old.")
    String[] getCapturedTables();
}
