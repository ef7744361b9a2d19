package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.snapshot.RowPlace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a change tells of which row it is of. */
sealed interface RowMark {

    /** Characters it takes to be remembered. */
    int length();

    /** The row with this key. */
    record Key(List<String> values) implements RowMark {

        @Override
        public int length() {
            return values.stream().mapToInt(String::length).sum() + Long.BYTES;
        }
    }

    /**
     * One of the rows that are the same in all columns.
     *
     * @param content a digest of all values
     * @param more    -1 for one that is gone, 1 for one that has come
     */
    record Copy(String content, int more) implements RowMark {

        @Override
        public int length() {
            return content.length() + Long.BYTES;
        }
    }

    /**
     * Of the rows that a chunk must not tell as they were before.
     *
     * @param order in which the chunk is read
     * @return empty when the change does not tell of which rows it is
     */
    static Optional<List<RowMark>> of(List<KeyColumn> order, CaptureEvent.Row change) {
        if (RowPlace.isOrder(order)) {
            return ofPlaced(change);
        }
        ToldKeys keys = ToldKeys.of(order, change);
        if (!keys.whole()) {
            return Optional.empty();
        }
        List<RowMark> marks = new ArrayList<>();
        keys.before().map(Key::new).ifPresent(marks::add);
        keys.after().map(Key::new).ifPresent(marks::add);
        return Optional.of(marks);
    }

    /** The table's key is another one than that it is read by, or there is none: it depends on the old row that is told. */
    private static Optional<List<RowMark>> ofPlaced(CaptureEvent.Row change) {
        Relation relation = change.relation();
        Tuple before = change.before();
        Tuple after = change.after();
        if (change.kind() == Kind.INSERT && after != null) {
            return Optional.of(List.of(new Copy(content(after), 1)));
        }
        if (before != null && !change.beforeIsKeyOnly()) {
            return copies(before, after == null ? null : after.filledFrom(before));
        }
        Tuple keyed = before != null ? before : after;
        boolean told = before != null || tellsChangedKeys(relation);
        return Optional.ofNullable(keyed)
                .filter(row -> told)
                .flatMap(row -> key(relation, row))
                .map(List::of);
    }

    private static Optional<List<RowMark>> copies(Tuple before, @Nullable Tuple after) {
        if (before.hasUnchanged() || (after != null && after.hasUnchanged())) {
            return Optional.empty();
        }
        Copy gone = new Copy(content(before), -1);
        return Optional.of(after == null ? List.of(gone) : List.of(gone, new Copy(content(after), 1)));
    }

    /** A table with an index for identity and a primary key beside it is not read by place. */
    private static boolean tellsChangedKeys(Relation relation) {
        return relation.identity() == ReplicaIdentity.DEFAULT || relation.identity() == ReplicaIdentity.INDEX;
    }

    /** Of a row of a chunk that is read in this order; empty when it has none. */
    static Optional<Key> key(List<KeyColumn> order, Relation relation, KeyedRow row) {
        return RowPlace.isOrder(order) ? key(relation, row.row()) : Optional.of(new Key(row.key()));
    }

    private static Optional<Key> key(Relation relation, Tuple row) {
        List<String> values = new ArrayList<>();
        for (int column : relation.ownKey()) {
            byte[] value = row.value(column);
            if (value == null || row.isUnchanged(column)) {
                return Optional.empty();
            }
            values.add(new String(value, StandardCharsets.ISO_8859_1)); // whatever bytes a database holds
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(new Key(values));
    }

    /** Equal for rows that have the same values. */
    static String content(Tuple row) {
        MessageDigest digest = sha256();
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        for (int column = 0; column < row.size(); column++) {
            byte @Nullable [] value = row.value(column);
            digest.update(
                    length.clear().putInt(value == null ? -1 : value.length).array());
            if (value != null) {
                digest.update(value);
            }
        }
        return new String(digest.digest(), StandardCharsets.ISO_8859_1);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
