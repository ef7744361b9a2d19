package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.ProducerSnapshot;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a partition knows of its producers: nothing until the first idempotent batch asks for it. While it is being loaded,
 * appends wait here in their order. Guarded by the partition's lock.
 */
final class ProducerState {

    /** Batches that a restart may have to look at again. */
    private static final int BATCHES_BETWEEN_SNAPSHOTS = 2000;

    private final ArrayDeque<Parked> parked = new ArrayDeque<>();
    private final TreeMap<Long, CompletableFuture<AppendResult>> inFlight = new TreeMap<>(); // by last offset
    private @Nullable Producers known;
    private @Nullable ProducerSnapshot unsaved;
    private boolean loading;
    private int batchesSinceSnapshot;

    boolean mustWait(RecordBatch batch) {
        return loading || (known == null && batch.hasProducerId());
    }

    /** @return whether loading has to be started */
    boolean park(Parked append) {
        parked.add(append);
        boolean start = !loading;
        loading = true;
        return start;
    }

    void loaded(Producers producers, int batchesReplayed) {
        known = producers;
        batchesSinceSnapshot = batchesReplayed;
    }

    /** The next append that waited; null ends the waiting, for newer ones too. */
    @Nullable
    Parked nextParked() {
        Parked next = parked.poll();
        loading = next != null;
        return next;
    }

    /** When the batch was here before: the answer its first copy got or will get. */
    Optional<CompletableFuture<AppendResult>> firstAnswerTo(RecordBatch batch, long logStartOffset) {
        if (known == null || !batch.hasProducerId()) {
            return Optional.empty();
        }
        Optional<BatchMetadata> first = known.duplicateOf(batch);
        return first.map(b -> inFlight.getOrDefault(
                b.lastOffset(),
                CompletableFuture.completedFuture(
                        new AppendResult(b.firstOffset(), RecordBatch.NO_TIMESTAMP, logStartOffset))));
    }

    Optional<ProducerAppendInfo> check(RecordBatch batch) {
        return known != null && batch.hasProducerId() ? Optional.of(known.check(batch)) : Optional.empty();
    }

    void queued(Optional<ProducerAppendInfo> checked, long nextOffset, CompletableFuture<AppendResult> answer) {
        if (known == null) {
            return;
        }
        if (checked.isPresent()) {
            known.accept(checked.get());
            inFlight.put(nextOffset - 1, answer);
        }
        if (++batchesSinceSnapshot >= BATCHES_BETWEEN_SNAPSHOTS) {
            unsaved = new ProducerSnapshot(nextOffset, known.encode());
            batchesSinceSnapshot = 0;
        }
    }

    /** @return a snapshot to be saved, once all that it covers is committed */
    Optional<ProducerSnapshot> committed(long highWatermark) {
        inFlight.headMap(highWatermark).clear();
        ProducerSnapshot ready = unsaved;
        if (ready == null || ready.uptoOffset() > highWatermark) {
            return Optional.empty();
        }
        unsaved = null;
        return Optional.of(ready);
    }

    /** What a clean stop saves; empty when the store knows it already. */
    Optional<ProducerSnapshot> last(long nextOffset) {
        return known == null || batchesSinceSnapshot == 0
                ? Optional.empty()
                : Optional.of(new ProducerSnapshot(nextOffset, known.encode()));
    }

    /** What was assumed of appends under way is void. */
    void forget() {
        known = null;
        unsaved = null;
        inFlight.clear();
    }

    record Parked(MemoryRecords records, CompletableFuture<AppendResult> answer) {}
}
