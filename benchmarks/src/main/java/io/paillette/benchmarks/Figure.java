package io.paillette.benchmarks;

import java.util.Locale;

/** Numbers as the tables show them; NaN is a dash: not measured, or there is none. */
final class Figure {

    private Figure() {}

    static String whole(double value) {
        return format("%,.0f", value);
    }

    static String tenths(double value) {
        return format("%,.1f", value);
    }

    static String hundredths(double value) {
        return format("%,.2f", value);
    }

    private static String format(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
