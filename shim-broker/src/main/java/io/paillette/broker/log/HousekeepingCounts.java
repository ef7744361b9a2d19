package io.paillette.broker.log;

/**
 * What housekeeping has done since the start.
 *
 * @param segmentsBegun     tables made because the one before was full
 * @param segmentsDropped   tables dropped whole
 * @param logStartsMoved    times that retention moved a partition's log start
 * @param rangesMoved       parts of partitions moved out of tables of which little else was needed
 * @param compactions       passes over a partition
 * @param batchesReplaced   batches that lost some of their records to compaction
 * @param batchesDeleted    batches that lost all of them
 * @param failures          jobs that were cut short by the store, to be taken up at the next check
 */
public record HousekeepingCounts(
        long segmentsBegun,
        long segmentsDropped,
        long logStartsMoved,
        long rangesMoved,
        long compactions,
        long batchesReplaced,
        long batchesDeleted,
        long failures) {}
