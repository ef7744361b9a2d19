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

    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final Duration QUIET_BEFORE = Duration.ofSeconds(5);

    /** Until their fetches run as compiled code. */
    private static final Duration QUIET_BEFORE_FETCHES = Duration.ofSeconds(20);

    private static final int MOST_WINDOWS = 12;

    /** Two windows may differ by so much, of the larger one or of a core. */
    private static final double SAME = 0.2;

    private static final double SAME_OF_CORE = 0.01;

    /** Nobody is connected. */
    static Beside nobody(Broker broker) {
        broker.settle();
        pause(QUIET_BEFORE);
        double atRest = rest(broker, () -> 0).atRest();
        return new Beside(atRest, atRest, 0, () -> 0);
    }

    /** @param nobody the same broker without them */
    static Beside waiting(Broker broker, IdleConsumers consumers, Beside nobody) {
        broker.settle();
        pause(QUIET_BEFORE_FETCHES);
        Window rest = rest(broker, consumers::fetches);
        double theirs = rest.cpuSeconds() - nobody.atRest() * rest.seconds();
        return new Beside(
                rest.atRest(), nobody.atRest(), Math.max(0, theirs) / Math.max(1, rest.fetches()), consumers::fetches);
    }

    /** Two windows that are alike: what came before has come to its end by then. */
    private static Window rest(Broker broker, LongSupplier fetches) {
        Window last = Window.of(broker, fetches);
        for (int i = 1; i < MOST_WINDOWS; i++) {
            Window next = Window.of(broker, fetches);
            double difference = Math.abs(next.atRest() - last.atRest());
            if (difference <= Math.max(SAME_OF_CORE, SAME * Math.max(next.atRest(), last.atRest()))) {
                return last.and(next);
            }
            last = next;
        }
        Say.note(broker.title() + " does not come to rest");
        return last;
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

    private record Window(double cpuSeconds, double seconds, long fetches) {

        static Window of(Broker broker, LongSupplier fetches) {
            Cost before = broker.cost();
            long fetchesBefore = fetches.getAsLong();
            long start = System.nanoTime();
            pause(WINDOW);
            return new Window(
                    broker.cost().since(before).seconds(), Beside.seconds(start), fetches.getAsLong() - fetchesBefore);
        }

        double atRest() {
            return cpuSeconds / seconds;
        }

        Window and(Window other) {
            return new Window(cpuSeconds + other.cpuSeconds, seconds + other.seconds, fetches + other.fetches);
        }
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
                    - perSecond * Beside.seconds(startNanos)
                    - perFetch * (fetches.getAsLong() - fetchesBefore);
        }
    }
}
