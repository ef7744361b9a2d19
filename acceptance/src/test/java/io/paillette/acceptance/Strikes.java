package io.paillette.acceptance;

import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Brokers struck at random, one after the other. {@code -Dkills=100} for a longer run, {@code -Druns=20} for more seeds, {@code
 * -Dseed=} for the same one again.
 */
record Strikes(long seed, int kills) {

    /** As a test's {@code @MethodSource}. */
    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    /** @param kills unless {@code -Dkills=} says how many */
    static Strikes of(long seed, int kills) {
        System.out.println("seed " + seed);
        return new Strikes(seed, Integer.getInteger("kills", kills));
    }

    /**
     * Waits for progress before and after each.
     *
     * @param report what to tell of one that is over
     */
    void hit(Trio trio, int brokers, Runnable awaitProgress, Supplier<String> report) {
        var random = new Random(seed);
        awaitProgress.run();
        for (int kill = 1; kill <= kills; kill++) {
            var strike = Strike.any(random);
            int victim = 1 + random.nextInt(brokers);
            strike.hit(trio, trio.broker(victim));
            awaitProgress.run();
            System.out.println(
                    "kill " + kill + " of " + kills + ": " + strike + " of broker " + victim + "; " + report.get());
        }
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
