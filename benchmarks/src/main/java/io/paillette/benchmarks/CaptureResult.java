package io.paillette.benchmarks;

import java.util.Map;

/**
 * How a pipeline took so many changes, or rows of a table, from a database.
 *
 * @param storedSeconds   until the end offset of the topic covered the last one; NaN where nothing is stored
 * @param consumedSeconds until the consumer had it
 * @param cpuSeconds      of all the pipeline's processes, Postgres not counted; NaN: not measured
 * @param peakMegabytes   sum of the processes' largest resident sets; 0: not measured
 */
record CaptureResult(long count, double storedSeconds, double consumedSeconds, double cpuSeconds, long peakMegabytes) {

    /** Moments as {@link System#nanoTime} gives them; {@code cpuBefore} by process, see {@link Usage#cpuByProcess}. */
    static CaptureResult of(
            Pipeline pipeline, long count, long start, long stored, long consumed, Map<Long, Double> cpuBefore) {
        return new CaptureResult(
                count,
                seconds(stored - start),
                seconds(consumed - start),
                Usage.cpuSince(cpuBefore, pipeline.processes()),
                pipeline.processes().stream().mapToLong(Usage::peakMegabytes).sum());
    }

    /** Of a reader that throws away what it reads. */
    static CaptureResult thrownAway(long count, long nanos) {
        return new CaptureResult(count, Double.NaN, seconds(nanos), Double.NaN, 0);
    }

    double perSecond() {
        return count / consumedSeconds;
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
