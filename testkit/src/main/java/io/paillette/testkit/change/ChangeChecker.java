package io.paillette.testkit.change;

import io.paillette.testkit.change.Change.Kind;
import io.paillette.testkit.change.Verdict.Fault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares what was committed with what a consumer processed. Per key the records must be exactly the changes, in order, in
 * one partition, a tombstone right behind each delete; within a partition the changes of one writer must follow each other
 * as it committed them, over all its keys.
 */
public final class ChangeChecker {

    private record Key(String table, long id) {}

    /** What a record must agree in with its change. A delete tells no more than its key. */
    private record Identity(Kind kind, long version, long sequence) {

        static Identity of(Kind kind, long version, long sequence) {
            return kind == Kind.DELETE
                    ? new Identity(kind, Observation.UNTOLD, Observation.UNTOLD)
                    : new Identity(kind, version, sequence);
        }
    }

    private record Matched(Observation record, Change change) {}

    private final Faults faults = new Faults();
    private final List<Matched> matched = new ArrayList<>();

    private ChangeChecker() {}

    /**
     * @param committed of all writers, those of one writer in the order of its commits
     * @param processed each offset once, those of one partition in the order of their offsets
     */
    public static Verdict check(List<Change> committed, List<Observation> processed) {
        return new ChangeChecker().run(committed, processed);
    }

    private Verdict run(List<Change> committed, List<Observation> processed) {
        Map<Key, List<Change>> changes = byKey(committed, change -> new Key(change.table(), change.id()));
        Map<Key, List<Observation>> records = byKey(processed, record -> new Key(record.table(), record.id()));
        changes.forEach((key, expected) -> checkKey(key, expected, records.getOrDefault(key, List.of())));
        records.forEach((key, found) -> {
            if (!changes.containsKey(key)) {
                faults.add(Fault.UNKNOWN, found.size(), key + " was never committed: " + found);
            }
        });
        checkWriters();
        return new Verdict(committed.size(), processed.size(), faults.counts(), faults.examples());
    }

    private static <T> Map<Key, List<T>> byKey(List<T> all, Function<T, Key> key) {
        return all.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    private void checkKey(Key key, List<Change> expected, List<Observation> found) {
        checkTombstones(key, found);
        long partitions =
                found.stream().mapToInt(Observation::partition).distinct().count();
        if (partitions > 1) {
            faults.add(Fault.SCATTERED, found.size(), key + " is in " + partitions + " partitions");
        }
        List<Observation> rows =
                found.stream().filter(record -> record.kind() != Kind.TOMBSTONE).toList();
        var wanted = identities(expected, change -> Identity.of(change.kind(), change.version(), change.sequence()));
        var got = identities(rows, record -> Identity.of(record.kind(), record.version(), record.sequence()));
        if (got.equals(wanted)) {
            for (int i = 0; i < rows.size(); i++) {
                matched.add(new Matched(rows.get(i), expected.get(i)));
            }
        } else if (!countsDiffer(key, wanted, got)) {
            faults.add(Fault.REORDERED, 1, key + " should read " + wanted + " but reads " + got);
        }
    }

    private static <T> List<Identity> identities(List<T> all, Function<T, Identity> identity) {
        return all.stream().map(identity).toList();
    }

    private boolean countsDiffer(Key key, List<Identity> wanted, List<Identity> got) {
        Map<Identity, Integer> surplus = new HashMap<>();
        got.forEach(identity -> surplus.merge(identity, 1, Integer::sum));
        wanted.forEach(identity -> surplus.merge(identity, -1, Integer::sum));
        boolean differ = false;
        for (var entry : surplus.entrySet()) {
            int count = entry.getValue();
            if (count != 0) {
                differ = true;
                Fault kind = count < 0 ? Fault.LOST : wanted.contains(entry.getKey()) ? Fault.DOUBLED : Fault.UNKNOWN;
                faults.add(kind, Math.abs(count), key + " " + entry.getKey());
            }
        }
        return differ;
    }

    private void checkTombstones(Key key, List<Observation> found) {
        boolean owed = false;
        for (Observation record : found) {
            boolean tombstone = record.kind() == Kind.TOMBSTONE;
            if (owed != tombstone) {
                faults.add(Fault.TOMBSTONE, 1, key + (owed ? " has none before " : " has one too many: ") + record);
            }
            owed = record.kind() == Kind.DELETE;
        }
        if (owed) {
            faults.add(Fault.TOMBSTONE, 1, key + " ends with a delete that has none");
        }
    }

    private void checkWriters() {
        record Lane(String topic, int partition, int writer) {}
        var lanes = matched.stream()
                .collect(Collectors.groupingBy(m -> new Lane(
                        m.record().topic(), m.record().partition(), m.change().writer())));
        lanes.forEach((lane, members) -> {
            members.sort(Comparator.comparingLong(m -> m.record().offset()));
            for (int i = 1; i < members.size(); i++) {
                Matched before = members.get(i - 1);
                Matched after = members.get(i);
                if (after.change().sequence() < before.change().sequence()) {
                    faults.add(Fault.REORDERED, 1, lane + ": " + before + " stands before " + after);
                }
            }
        });
    }
}
