package io.paillette.benchmarks;

/**
 * How a pipeline took so many changes, or rows of a table, from a database.
 *
 * @param storedSeconds   until the end offset of the topic covered the last one; NaN where nothing is stored
 * @param consumedSeconds until the consumer had it
 * @param cpuSeconds      of all the pipeline's processes, Postgres not counted; NaN: not measured
 * @param peakMegabytes   sum of the processes' largest resident sets; 0: not measured
 */
record CaptureResult(long count, double storedSeconds, double consumedSeconds, double cpuSeconds, long peakMegabytes) {

    double perSecond() {
        return count / consumedSeconds;
    }
}
