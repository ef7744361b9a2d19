package io.paillette.broker.log;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;

/** A partition as the store had it at one moment, to be read up to where it was stable then; its leader may be another broker. */
public final class StoredPartition {

    private final PartitionLog log;

    StoredPartition(PartitionLog log) {
        this.log = log;
    }

    public int index() {
        return log.partition().partition();
    }

    public long first() {
        return log.logStartOffset();
    }

    /** Below it every transaction has ended. */
    public long end() {
        return log.lastStableOffset();
    }

    /** The first record below the end whose timestamp is at or after {@code timestamp} (milliseconds). */
    public CompletableFuture<OptionalLong> firstAtOrAfter(long timestamp) {
        return log.firstAtOrAfter(timestamp)
                .thenApply(found -> found.offset() >= 0 && found.offset() < end()
                        ? OptionalLong.of(found.offset())
                        : OptionalLong.empty());
    }

    /** As {@link PartitionLog#read}, at least one batch; fails with OffsetOutOfRangeException where retention was faster. */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        return log.read(offset, maxBytes, true, IsolationLevel.READ_COMMITTED);
    }
}
