package io.paillette.testkit.change;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a comparison of committed changes with records found.
 *
 * @param committed changes committed
 * @param observed  records, tombstones included, redeliveries not
 * @param faults    how many of each kind; empty when all is well
 * @param examples  the first faults, one sentence each
 */
public record Verdict(long committed, long observed, Map<Fault, Long> faults, List<String> examples) {

    /** What can be wrong with a stream of changes. */
    public enum Fault {
        /** Committed, but no record. */
        LOST,
        /** More records than changes. */
        DOUBLED,
        /** A record that no committed change explains: rolled back, altered, or of an unknown kind. */
        UNKNOWN,
        /** Records of one key, or of one writer within a partition, not in commit order. */
        REORDERED,
        /** Records of one key in more than one partition. */
        SCATTERED,
        /** A delete without its tombstone right behind it, or a tombstone without a delete. */
        TOMBSTONE,
        /** A record's offset left a hole where offsets are dense. */
        GAP,
        /** An offset answered with other content than before. */
        REWRITTEN,
        /** A record below an offset that the group had committed came again. */
        COMMIT_LOST
    }

    public Verdict {
        faults = Map.copyOf(faults);
        examples = List.copyOf(examples);
    }

    public boolean isClean() {
        return faults.isEmpty();
    }

    /** Both, for the parts of one run. */
    Verdict and(Map<Fault, Long> more, List<String> moreExamples) {
        var all = new EnumMap<Fault, Long>(Fault.class);
        all.putAll(faults);
        more.forEach((fault, count) -> all.merge(fault, count, Long::sum));
        var texts = new java.util.ArrayList<>(examples);
        texts.addAll(moreExamples);
        return new Verdict(committed, observed, all, texts);
    }

    @Override
    public String toString() {
        String figures = committed + " changes committed, " + observed + " records: ";
        if (isClean()) {
            return figures + "nothing lost, nothing doubled, all in order";
        }
        return figures
                + faults.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(e -> e.getValue() + " " + e.getKey())
                        .collect(Collectors.joining(", "))
                + examples.stream().map(example -> "\n  " + example).collect(Collectors.joining());
    }
}
