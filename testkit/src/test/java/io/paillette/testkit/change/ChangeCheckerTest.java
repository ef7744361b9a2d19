package io.paillette.testkit.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.change.Change.Kind;
import io.paillette.testkit.change.Verdict.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Streams with one thing wrong: each is told by its name. */
final class ChangeCheckerTest {

    private final long seed = System.nanoTime();
    private final List<Change> committed = changes(new Random(seed));
    private final List<Observation> records = records(committed);

    private static List<Change> changes(Random random) {
        var state = new WriterState(0, 1, ChangeWorkload.TABLES, random);
        var changes = new ArrayList<Change>();
        while (changes.size() < 2_000) {
            var transaction = state.plan();
            state.apply(transaction);
            changes.addAll(transaction);
        }
        return changes;
    }

    /** All tables in one partition, so that neighbours are of different keys and tables. */
    private static List<Observation> records(List<Change> changes) {
        var records = new ArrayList<Observation>();
        for (Change change : changes) {
            boolean told = change.kind() != Kind.DELETE || change.table().equals("change_c");
            records.add(new Observation(
                    "all",
                    0,
                    records.size(),
                    change.table(),
                    change.id(),
                    change.kind(),
                    told ? change.version() : Observation.UNTOLD,
                    told ? change.sequence() : Observation.UNTOLD));
            if (change.kind() == Kind.DELETE) {
                records.add(new Observation(
                        "all",
                        0,
                        records.size(),
                        change.table(),
                        change.id(),
                        Kind.TOMBSTONE,
                        Observation.UNTOLD,
                        Observation.UNTOLD));
            }
        }
        return records;
    }

    /** Gives offsets anew: the doctored stream looks as if the broker had stored it so. */
    private Verdict verdict(List<Observation> doctored) {
        var renumbered = new ArrayList<Observation>();
        for (Observation r : doctored) {
            renumbered.add(new Observation(
                    r.topic(),
                    r.partition(),
                    renumbered.size(),
                    r.table(),
                    r.id(),
                    r.kind(),
                    r.version(),
                    r.sequence()));
        }
        return ChangeChecker.check(committed, renumbered);
    }

    private int find(Kind kind) {
        int at = records.size() / 2;
        while (records.get(at).kind() != kind) {
            at++;
        }
        return at;
    }

    private void expect(Verdict verdict, Fault... faults) {
        assertThat(verdict.faults().keySet()).as("seed %s: %s", seed, verdict).containsExactlyInAnyOrder(faults);
        assertThat(verdict.isClean()).isEqualTo(faults.length == 0);
    }

    @Test
    void aFaithfulStreamIsClean() {
        expect(verdict(records));
    }

    @Test
    void aLostInsertUpdateOrDeleteIsTold() {
        for (Kind kind : List.of(Kind.INSERT, Kind.UPDATE)) {
            var doctored = new ArrayList<>(records);
            doctored.remove(find(kind));
            expect(verdict(doctored), Fault.LOST);
        }
        var doctored = new ArrayList<>(records);
        int delete = find(Kind.DELETE);
        doctored.subList(delete, delete + 2).clear();
        expect(verdict(doctored), Fault.LOST);
    }

    @Test
    void aLostTailIsTold() {
        int end = records.size() - 3;
        while (records.get(end - 1).kind() == Kind.DELETE) {
            end--; // without its tombstone it would be told for that, too
        }
        expect(verdict(records.subList(0, end)), Fault.LOST);
    }

    @Test
    void aDoubledRecordIsToldAtOnceAndLater() {
        int at = find(Kind.UPDATE);
        var atOnce = new ArrayList<>(records);
        atOnce.add(at, records.get(at));
        expect(verdict(atOnce), Fault.DOUBLED);
        var later = new ArrayList<>(records);
        later.add(records.get(at));
        expect(verdict(later), Fault.DOUBLED);
    }

    @Test
    void aDoubledDeleteIsTold() {
        int at = find(Kind.DELETE);
        var doctored = new ArrayList<>(records);
        doctored.addAll(at, records.subList(at, at + 2));
        expect(verdict(doctored), Fault.DOUBLED);
    }

    @Test
    void twoChangesOfOneKeyInTheWrongOrderAreTold() {
        var changes = List.of(
                new Change(0, 1, "change_a", 7, Kind.INSERT, 1),
                new Change(0, 2, "change_a", 7, Kind.UPDATE, 2),
                new Change(0, 3, "change_a", 7, Kind.UPDATE, 3));
        var found = new ArrayList<>(records(changes));
        found.add(found.remove(1));
        expect(ChangeChecker.check(changes, found), Fault.REORDERED);
    }

    @Test
    void twoChangesOfDifferentKeysInTheWrongOrderAreTold() {
        int at = find(Kind.INSERT);
        // Not next to a delete: some do not tell their place.
        while (records.get(at).kind() != Kind.INSERT || records.get(at + 1).kind() != Kind.INSERT) {
            at++;
        }
        var doctored = new ArrayList<>(records);
        doctored.add(at, doctored.remove(at + 1));
        expect(verdict(doctored), Fault.REORDERED);
    }

    @Test
    void aRecordOfARolledBackChangeIsTold() {
        int at = find(Kind.UPDATE);
        Observation real = records.get(at);
        var doctored = new ArrayList<>(records);
        // Same key and version as the change that was committed in its place: only the number of the attempt differs.
        doctored.add(
                at,
                new Observation(
                        real.topic(), 0, 0, real.table(), real.id(), real.kind(), real.version(), real.sequence() - 1));
        expect(verdict(doctored), Fault.UNKNOWN);
    }

    @Test
    void aMissingAndASurplusTombstoneAreTold() {
        int delete = find(Kind.DELETE);
        var missing = new ArrayList<>(records);
        missing.remove(delete + 1);
        expect(verdict(missing), Fault.TOMBSTONE);
        var surplus = new ArrayList<>(records);
        surplus.add(delete + 1, records.get(delete + 1));
        expect(verdict(surplus), Fault.TOMBSTONE);
    }

    @Test
    void aKeyInTwoPartitionsIsTold() {
        var changes = List.of(
                new Change(0, 1, "change_a", 7, Kind.INSERT, 1), new Change(0, 2, "change_a", 7, Kind.UPDATE, 2));
        var first = records(changes);
        Observation second = first.get(1);
        var found = List.of(
                first.get(0),
                new Observation("all", 1, 0, second.table(), second.id(), second.kind(), second.version(), 2));
        expect(ChangeChecker.check(changes, found), Fault.SCATTERED);
    }
}
