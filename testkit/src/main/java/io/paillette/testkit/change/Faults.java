package io.paillette.testkit.change;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts faults and keeps the first few as sentences. */
final class Faults {

    private static final int EXAMPLES = 20;

    private final Map<Verdict.Fault, Long> counts = new EnumMap<>(Verdict.Fault.class);
    private final List<String> examples = new ArrayList<>();

    void add(Verdict.Fault fault, long count, String what) {
        counts.merge(fault, count, Long::sum);
        if (examples.size() < EXAMPLES) {
            examples.add(fault + ": " + what);
        }
    }

    Map<Verdict.Fault, Long> counts() {
        return Map.copyOf(counts);
    }

    List<String> examples() {
        return List.copyOf(examples);
    }
}
