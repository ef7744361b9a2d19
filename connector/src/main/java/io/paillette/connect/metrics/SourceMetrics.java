package io.paillette.connect.metrics;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.ReadingState;
import io.paillette.capture.SlotState;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts what the task sees, and asks the capture for the rest. The task's thread tells, any thread asks. */
public final class SourceMetrics implements SourceMXBean {

    private final Supplier<Optional<Capture>> capture;
    private final Supplier<Optional<Position>> durable;
    private final long queueCapacityBytes;
    private final InstantSource clock;
    private final long startTime;

    private final LongAdder inserts = new LongAdder();
    private final LongAdder updates = new LongAdder();
    private final LongAdder deletes = new LongAdder();
    private final LongAdder truncates = new LongAdder();
    private final LongAdder messages = new LongAdder();
    private final LongAdder transactions = new LongAdder();
    private final LongAdder records = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final Map<String, Long> rowsRead = new ConcurrentHashMap<>();
    private volatile String lastFault = "";
    private volatile @Nullable Seen last;

    /** The last change, and when it came. */
    record Seen(TransactionInfo transaction, Lsn lsn, long millis) {}

    /**
     * @param capture the one that runs, if one does
     * @param durable what is in Kafka with its offset
     */
    public SourceMetrics(
            Supplier<Optional<Capture>> capture,
            Supplier<Optional<Position>> durable,
            long queueCapacityBytes,
            InstantSource clock) {
        this.capture = capture;
        this.durable = durable;
        this.queueCapacityBytes = queueCapacityBytes;
        this.clock = clock;
        this.startTime = clock.millis();
    }

    /** Events came that will be handed to Connect. */
    public void seen(List<CaptureEvent> events) {
        Map<String, Long> read = new HashMap<>();
        TransactionInfo changed = null;
        Lsn lsn = Lsn.NONE;
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row) {
                if (row.kind().isRead()) {
                    read.merge(row.relation().name().toString(), 1L, Long::sum);
                } else {
                    count(row);
                    changed = row.transaction();
                    lsn = row.lsn();
                }
            } else if (event instanceof CaptureEvent.Truncate truncate) {
                truncates.increment();
                changed = truncate.transaction();
                lsn = truncate.lsn();
            } else if (event instanceof CaptureEvent.LogicalMessage message) {
                messages.increment();
                changed = message.transaction();
                lsn = message.lsn();
            } else if (event instanceof CaptureEvent.Commit) {
                transactions.increment();
            }
        }
        read.forEach((table, rows) -> rowsRead.merge(table, rows, Long::sum));
        if (changed != null) {
            last = new Seen(changed, lsn, clock.millis());
        }
    }

    private void count(CaptureEvent.Row row) {
        switch (row.kind()) {
            case INSERT -> inserts.increment();
            case UPDATE -> updates.increment();
            case DELETE -> deletes.increment();
            case READ, READ_AGAIN -> throw new IllegalStateException("a row that is read is no change");
        }
    }

    /** So many records go to Connect. */
    public void handed(int count) {
        records.add(count);
    }

    /** Reading broke and will be begun again. */
    public void broke(String why) {
        faults.increment();
        lastFault = why;
    }

    @Override
    public long getStartTime() {
        return startTime;
    }

    @Override
    public boolean isConnected() {
        return capture.get().isPresent();
    }

    @Override
    public long getFaults() {
        return faults.sum();
    }

    @Override
    public String getLastFault() {
        return lastFault;
    }

    @Override
    public long getLagBytes() {
        return capture.get().map(running -> running.lagBytes().orElse(-1)).orElse(-1L);
    }

    @Override
    public long getLagMilliSeconds() {
        Seen seen = last;
        return seen == null
                ? -1
                : Math.max(0, seen.millis() - seen.transaction().committed().toEpochMilli());
    }

    @Override
    public long getSlotRetainedBytes() {
        return slot().map(SlotState::retainedBytes).orElse(-1L);
    }

    @Override
    public String getSlotWalStatus() {
        return slot().map(SlotState::walStatus).orElse("");
    }

    private Optional<SlotState> slot() {
        return capture.get().flatMap(Capture::slot);
    }

    @Override
    public long getInserts() {
        return inserts.sum();
    }

    @Override
    public long getUpdates() {
        return updates.sum();
    }

    @Override
    public long getDeletes() {
        return deletes.sum();
    }

    @Override
    public long getTruncates() {
        return truncates.sum();
    }

    @Override
    public long getRowsRead() {
        return rowsRead.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public long getMessages() {
        return messages.sum();
    }

    @Override
    public long getTransactions() {
        return transactions.sum();
    }

    @Override
    public long getRecords() {
        return records.sum();
    }

    @Override
    public long getQueuedBytes() {
        return capture.get().map(Capture::queuedBytes).orElse(0L);
    }

    @Override
    public long getQueueCapacityBytes() {
        return queueCapacityBytes;
    }

    @Override
    public int getUnreadTables() {
        return reading().map(state -> state.tables() - state.tablesRead()).orElse(0);
    }

    @Override
    public int getUnreadTablesOfSignals() {
        return (int) backfills().stream().filter(one -> !one.hasEnded()).count();
    }

    @Override
    public String getStoredLsn() {
        return durable.get().map(position -> position.end().toString()).orElse("");
    }

    /** The last change; empty before the first. */
    Optional<Seen> last() {
        return Optional.ofNullable(last);
    }

    /** Milliseconds since then; empty before the first. */
    OptionalLong sinceLast() {
        Seen seen = last;
        return seen == null ? OptionalLong.empty() : OptionalLong.of(Math.max(0, clock.millis() - seen.millis()));
    }

    Optional<ReadingState> reading() {
        return capture.get().map(Capture::reading);
    }

    /** {@code schema.table} of those that are captured. */
    String[] tables() {
        return capture.get().map(Capture::tables).orElse(List.of()).stream()
                .map(TableName::toString)
                .toArray(String[]::new);
    }

    /** By table. */
    Map<String, Long> rowsRead() {
        return Map.copyOf(rowsRead);
    }

    Optional<Position> durable() {
        return durable.get();
    }

    /** As far as that is stored. */
    List<BackfillProgress> backfills() {
        return durable.get().map(position -> position.snapshot().backfills()).orElse(List.of());
    }
}
