package io.paillette.connect.metrics;

import io.paillette.capture.ReadingState;
import java.util.Map;

/** The reading of rows, called as Debezium calls it. */
final class SnapshotMetrics implements SnapshotMXBean {

    private final SourceMetrics metrics;

    SnapshotMetrics(SourceMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public int getTotalTableCount() {
        return metrics.reading().map(ReadingState::tables).orElse(0);
    }

    @Override
    public int getRemainingTableCount() {
        return metrics.getUnreadTables();
    }

    @Override
    public boolean isSnapshotRunning() {
        return metrics.getUnreadTables() > 0;
    }

    @Override
    public boolean isSnapshotCompleted() {
        return metrics.durable().map(position -> position.snapshot().complete()).orElse(false);
    }

    @Override
    public boolean isSnapshotPaused() {
        return metrics.backfills().stream()
                .anyMatch(one -> !one.hasEnded() && one.asked().paused());
    }

    @Override
    public Map<String, Long> getRowsScanned() {
        return metrics.rowsRead();
    }

    @Override
    public String[] getCapturedTables() {
        return metrics.tables();
    }
}
