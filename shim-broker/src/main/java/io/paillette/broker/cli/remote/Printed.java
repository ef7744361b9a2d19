package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What functions print while they are called with one change; of much the beginning. */
final class Printed implements Consumer<String> {

    private static final int MOST_LINES = 100;

    private final List<String> first = new ArrayList<>();
    private long lines;

    @Override
    public void accept(String line) {
        if (lines++ < MOST_LINES) {
            first.add(line);
        }
    }

    void clear() {
        first.clear();
        lines = 0;
    }

    List<String> lines() {
        List<String> all = new ArrayList<>(first);
        if (lines > MOST_LINES) {
            all.add("and " + (lines - MOST_LINES) + " more lines");
        }
        return all;
    }
}
