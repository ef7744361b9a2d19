package io.paillette.broker.log;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What compaction must know of transactions (KIP-98, "Compaction"): records of aborted ones go, and a marker goes once nothing of
 * its transaction is left. Told of batches in offset order, from the start of the log.
 */
final class CleanedTransactions {

    private final Map<Long, TreeMap<Long, Long>> aborted = new HashMap<>(); // last by first offset, by producer
    private final Set<Long> unfinished = new HashSet<>(); // producers with batches since their last marker

    CleanedTransactions(Collection<AbortedTransaction> aborted) {
        aborted.forEach(transaction -> this.aborted
                .computeIfAbsent(transaction.producerId(), producer -> new TreeMap<>())
                .put(transaction.firstOffset(), transaction.lastOffset()));
    }

    boolean isAborted(RecordBatch batch) {
        TreeMap<Long, Long> ofProducer = batch.isTransactional() ? aborted.get(batch.producerId()) : null;
        if (ofProducer == null || batch.isControlBatch()) {
            return false;
        }
        Map.Entry<Long, Long> before = ofProducer.floorEntry(batch.baseOffset());
        return before != null && batch.lastOffset() < before.getValue();
    }

    void sawData(RecordBatch batch) {
        if (batch.isTransactional()) {
            unfinished.add(batch.producerId());
        }
    }

    /** Whether nothing is left of the transaction that this marker ends. */
    boolean sawMarker(RecordBatch marker) {
        return !unfinished.remove(marker.producerId());
    }
}
