package io.paillette.benchmarks;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures go to standard output, what is going on to standard error. */
final class Say {

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private Say() {}

    static void note(String text) {
        System.err.println(LocalTime.now(ZoneId.systemDefault()).format(SECONDS) + " " + text);
    }

    static void print(String text) {
        System.out.println(text);
    }
}
