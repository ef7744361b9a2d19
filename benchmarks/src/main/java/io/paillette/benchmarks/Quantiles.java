package io.paillette.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Of a run's nanoseconds, exact: every value is kept. */
final class Quantiles {

    private final long[] sorted;

    /** @param nanos at least one */
    Quantiles(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        this.sorted = nanos.clone();
        Arrays.sort(sorted);
    }

    /** The smallest value that at least this share of all values does not exceed (nearest rank). */
    double milliseconds(double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(rank, 1) - 1] / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    String text(double share) {
        return String.format(Locale.ROOT, "%.1f", milliseconds(share));
    }
}
