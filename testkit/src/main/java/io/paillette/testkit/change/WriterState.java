package io.paillette.testkit.change;

import io.paillette.testkit.change.Change.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The rows of one writer as committed, and the random transactions made from them. Rows belong to one writer, so nobody
 * else changes them. Not thread-safe.
 */
final class WriterState {

    private static final class Rows {
        final List<Long> live = new ArrayList<>();
        final Map<Long, Integer> place = new HashMap<>();
        final List<Long> deleted = new ArrayList<>();
        /** Last version, also of deleted rows. */
        final Map<Long, Long> versions = new HashMap<>();
    }

    private static final int LARGEST_TRANSACTION = 5;

    private final int writer;
    private final int writers;
    private final Random random;
    private final Map<String, Rows> tables = new HashMap<>();
    private final List<String> names;
    private long nextId;
    private long nextSequence = 1;

    WriterState(int writer, int writers, List<String> names, Random random) {
        this.writer = writer;
        this.writers = writers;
        this.names = List.copyOf(names);
        this.random = random;
        this.nextId = writer;
        names.forEach(name -> tables.put(name, new Rows()));
    }

    /** A transaction of one to five steps over random tables; nothing is remembered of it but its ids and numbers. */
    List<Change> plan() {
        var changes = new ArrayList<Change>();
        Set<Long> touched = new HashSet<>();
        int steps = 1 + random.nextInt(LARGEST_TRANSACTION);
        for (int i = 0; i < steps; i++) {
            step(changes, touched);
        }
        return changes;
    }

    private void step(List<Change> changes, Set<Long> touched) {
        String table = names.get(random.nextInt(names.size()));
        Rows rows = rows(table);
        int dice = random.nextInt(100);
        if (dice < 5) {
            wholeLife(changes, table);
        } else if (dice < 10 && !rows.deleted.isEmpty()) {
            change(changes, touched, table, pick(rows.deleted), Kind.INSERT);
        } else if (dice < 45 || rows.live.isEmpty()) {
            change(changes, touched, table, newId(), Kind.INSERT);
        } else {
            change(changes, touched, table, pick(rows.live), dice < 85 ? Kind.UPDATE : Kind.DELETE);
        }
    }

    /** A row that comes and goes within the transaction. */
    private void wholeLife(List<Change> changes, String table) {
        long id = newId();
        changes.add(new Change(writer, nextSequence++, table, id, Kind.INSERT, 1));
        changes.add(new Change(writer, nextSequence++, table, id, Kind.UPDATE, 2));
        changes.add(new Change(writer, nextSequence++, table, id, Kind.DELETE, 3));
    }

    private void change(List<Change> changes, Set<Long> touched, String table, long id, Kind kind) {
        // A row twice in one transaction would need its state within it; wholeLife covers that case.
        if (touched.add(id)) {
            long version = rows(table).versions.getOrDefault(id, 0L) + 1;
            changes.add(new Change(writer, nextSequence++, table, id, kind, version));
        }
    }

    private long newId() {
        nextId += writers;
        return nextId;
    }

    private long pick(List<Long> ids) {
        return ids.get(random.nextInt(ids.size()));
    }

    /** These were committed. */
    void apply(List<Change> changes) {
        for (Change change : changes) {
            Rows rows = rows(change.table());
            rows.versions.put(change.id(), change.version());
            switch (change.kind()) {
                case INSERT -> insert(rows, change.id());
                case DELETE -> delete(rows, change.id());
                case UPDATE, TOMBSTONE, OTHER -> {}
            }
        }
    }

    private Rows rows(String table) {
        Rows rows = tables.get(table);
        if (rows == null) {
            throw new IllegalArgumentException(table);
        }
        return rows;
    }

    private static void insert(Rows rows, long id) {
        rows.deleted.remove(id);
        rows.place.put(id, rows.live.size());
        rows.live.add(id);
    }

    private static void delete(Rows rows, long id) {
        Integer place = rows.place.remove(id);
        if (place == null) {
            throw new IllegalStateException("row " + id + " is not there");
        }
        long last = rows.live.remove(rows.live.size() - 1);
        if (last != id) {
            rows.live.set(place, last);
            rows.place.put(last, place);
        }
        rows.deleted.add(id);
    }
}
