package io.paillette.benchmarks;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** Figures go to standard output, what is going on to standard error. */
final class Say {

    private Say() {}

    static void note(String text) {
        System.err.println(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + text);
    }

    static void print(String text) {
        System.out.println(text);
    }
}
