package io.paillette.benchmarks;

import java.util.Locale;

/** A bound of the budget, and whether a figure keeps it. */
final class Goal {

    private Goal() {}

    static void atLeast(String what, double figure, double bound) {
        say(what, figure, ">=", bound, figure >= bound);
    }

    static void atMost(String what, double figure, double bound) {
        say(what, figure, "<=", bound, figure <= bound);
    }

    private static void say(String what, double figure, String sign, double bound, boolean met) {
        if (Double.isNaN(figure)) {
            Say.print(what + ": not measured, too little was used to tell (goal " + sign + " " + number(bound) + ")");
            return;
        }
        Say.print(String.format(
                Locale.ROOT,
                "%s: %s (goal %s %s: %s)",
                what,
                number(figure),
                sign,
                number(bound),
                met ? "met" : "MISSED"));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
