package io.paillette.connect.metrics;

import io.paillette.capture.TransactionInfo;
import io.paillette.connect.metrics.SourceMetrics.Seen;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** The same as {@link SourceMetrics}, called as Debezium calls it. */
final class StreamingMetrics implements StreamingMXBean {

    private final SourceMetrics metrics;

    StreamingMetrics(SourceMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public boolean isConnected() {
        return metrics.isConnected();
    }

    @Override
    public long getMilliSecondsBehindSource() {
        return metrics.getLagMilliSeconds();
    }

    @Override
    public long getMilliSecondsSinceLastEvent() {
        return metrics.sinceLast().orElse(-1);
    }

    @Override
    public long getTotalNumberOfEventsSeen() {
        return metrics.getInserts()
                + metrics.getUpdates()
                + metrics.getDeletes()
                + metrics.getTruncates()
                + metrics.getMessages();
    }

    @Override
    public long getTotalNumberOfCreateEventsSeen() {
        return metrics.getInserts();
    }

    @Override
    public long getTotalNumberOfUpdateEventsSeen() {
        return metrics.getUpdates();
    }

    @Override
    public long getTotalNumberOfDeleteEventsSeen() {
        return metrics.getDeletes();
    }

    @Override
    public long getNumberOfCommittedTransactions() {
        return metrics.getTransactions();
    }

    @Override
    public String getLastTransactionId() {
        return metrics.last().map(seen -> seen.transaction().id()).orElse("");
    }

    @Override
    public Map<String, String> getSourceEventPosition() {
        return metrics.last().map(StreamingMetrics::position).orElse(Map.of());
    }

    private static Map<String, String> position(Seen seen) {
        TransactionInfo transaction = seen.transaction();
        return Map.of(
                "lsn",
                Long.toUnsignedString(seen.lsn().value()),
                "txId",
                Long.toString(transaction.xid()),
                "ts_usec",
                Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, transaction.committed())));
    }

    @Override
    public long getMaxQueueSizeInBytes() {
        return metrics.getQueueCapacityBytes();
    }

    @Override
    public long getCurrentQueueSizeInBytes() {
        return metrics.getQueuedBytes();
    }

    @Override
    public String[] getCapturedTables() {
        return metrics.tables();
    }
}
