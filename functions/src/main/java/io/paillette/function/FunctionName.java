package io.paillette.function;

import java.util.Locale;

/** The functions that a file may define, in the order in which they are called. */
enum FunctionName {
    FILTER("it has to return true or false"),
    TRANSFORM("it has to return a JSON value; null is a tombstone"),
    ROUTE("it has to return an object");

    private final String wanted;

    FunctionName(String wanted) {
        this.wanted = wanted;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    String wanted() {
        return wanted;
    }
}
