package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.ProducerSnapshot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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
    private boolean mayBeOpen; // nothing is known, but transactions were open when last something was
    private int batchesSinceSnapshot;

    boolean mustWait(RecordBatch batch) {
        return loading || (known == null && batch.hasProducerId());
    }

    boolean isForgotten() {
        return known == null;
    }

    /** For whoever must know the producers, whatever it brings. */
    boolean mustWait() {
        return loading || known == null;
    }

    Optional<Producers> known() {
        return Optional.ofNullable(known);
    }

    /** @return whether loading has to be started */
    boolean park(Parked append) {
        parked.add(append);
        return mustStartLoading();
    }

    private boolean mustStartLoading() {
        boolean start = !loading;
        loading = true;
        return start;
    }

    /** @return whether loading has to be started, because the last stable offset is not known */
    boolean mustLookForTransactions() {
        return mayBeOpen && mustStartLoading();
    }

    /** It is not known yet. */
    boolean mayHaveOpenTransactions() {
        return mayBeOpen;
    }

    void loaded(Producers producers, int batchesReplayed) {
        known = producers;
        mayBeOpen = false;
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

    /** Whether a transactional batch belongs to the transaction that its producer has begun here. */
    boolean continuesTransaction(RecordBatch batch) {
        return known != null && known.isInTransaction(batch.producerId(), batch.producerEpoch());
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
        counted(known, nextOffset);
    }

    /** A marker, which {@link Producers#end} has taken up. */
    void queuedMarker(long nextOffset) {
        if (known != null) {
            counted(known, nextOffset);
        }
    }

    /** Batches of this broker's own making; of those with a producer no check is needed. */
    void queuedOwn(List<StoredBatch> batches) {
        Producers current = known;
        if (current == null) {
            return; // then none has a producer
        }
        for (StoredBatch batch : batches) {
            if (batch.header().producerId() != RecordBatch.NO_PRODUCER_ID) {
                current.replay(batch.header());
                counted(current, batch.header().lastOffset() + 1);
            }
        }
    }

    private void counted(Producers producers, long nextOffset) {
        if (++batchesSinceSnapshot >= BATCHES_BETWEEN_SNAPSHOTS) {
            unsaved = new ProducerSnapshot(nextOffset, producers.encode());
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

    /** Where the first transaction begins that is open, or whose marker is not committed; {@code before} while that is not known. */
    long lastStableOffset(long highWatermark, long before) {
        if (mayBeOpen) {
            return before;
        }
        return known == null ? highWatermark : known.lastStableOffset(highWatermark);
    }

    /** What a clean stop saves; empty when the store knows it already. */
    Optional<ProducerSnapshot> last(long nextOffset) {
        return known == null || batchesSinceSnapshot == 0
                ? Optional.empty()
                : Optional.of(new ProducerSnapshot(nextOffset, known.encode()));
    }

    /** What was assumed of appends under way is void. */
    void forget() {
        mayBeOpen |= known != null && known.hasOpenTransactions();
        known = null;
        unsaved = null;
        inFlight.clear();
    }
}
