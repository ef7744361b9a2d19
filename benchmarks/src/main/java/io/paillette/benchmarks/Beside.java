package io.paillette.benchmarks;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * What broker and Postgres use for something else while a load is measured.
 *
 * <p>Consumers that wait ask less often when the load takes the cores away from them, so their part counts by request, not by
 * time: by time it would be taken off too much, and the load would look cheap.
 *
 * @param atRest    CPU seconds per second while nothing is produced or fetched
 * @param perSecond the part of it that goes on whatever happens
 * @param perFetch  CPU seconds of a fetch that was answered to one who waits
 * @param fetches   such fetches, so far
 */
record Beside(double atRest, double perSecond, double perFetch, LongSupplier fetches) {

    private static final Duration MEASURED = Duration.ofSeconds(10);

    /** What came before has its dirty pages written, and its code compiled. */
    private static final Duration QUIET_BEFORE = Duration.ofSeconds(5);

    private static final Duration QUIET_BEFORE_FETCHES = Duration.ofSeconds(20);

    /** Nobody is connected. */
    static Beside nobody(Broker broker) {
        double atRest = watch(broker, QUIET_BEFORE);
        return new Beside(atRest, atRest, 0, () -> 0);
    }

    /** @param nobody the same broker without them */
    static Beside waiting(Broker broker, IdleConsumers consumers, Beside nobody) {
        pause(QUIET_BEFORE_FETCHES);
        long fetches = consumers.fetches();
        double atRest = watch(broker, Duration.ZERO);
        double perFetch =
                (atRest - nobody.atRest()) * MEASURED.toMillis() / 1e3 / Math.max(1, consumers.fetches() - fetches);
        return new Beside(atRest, nobody.atRest(), Math.max(0, perFetch), consumers::fetches);
    }

    private static double watch(Broker broker, Duration quietBefore) {
        broker.settle();
        pause(quietBefore);
        Cost before = broker.cost();
        long start = System.nanoTime();
        pause(MEASURED);
        return broker.cost().since(before).seconds() / seconds(start);
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    Meter meter(Broker broker) {
        return new Meter(broker, broker.cost(), System.nanoTime(), fetches.getAsLong());
    }

    /** Counts from when it was made. */
    final class Meter {

        private final Broker broker;
        private final Cost before;
        private final long startNanos;
        private final long fetchesBefore;

        private Meter(Broker broker, Cost before, long startNanos, long fetchesBefore) {
            this.broker = broker;
            this.before = before;
            this.startNanos = startNanos;
            this.fetchesBefore = fetchesBefore;
        }

        /** CPU that broker and Postgres have used for the load alone. */
        double ownCpuSeconds() {
            return broker.cost().since(before).seconds()
                    - perSecond * seconds(startNanos)
                    - perFetch * (fetches.getAsLong() - fetchesBefore);
        }
    }
}
