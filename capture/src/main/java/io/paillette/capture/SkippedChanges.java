package io.paillette.capture;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes that are not told.
 *
 * @param operations    of these kinds
 * @param withoutChange an update that leaves all that is told of the row as it was; only where the WAL has the old row
 */
public record SkippedChanges(Set<Operation> operations, boolean withoutChange) {

    public SkippedChanges {
        operations = Set.copyOf(operations);
    }

    /** Kinds of changes, called as the {@code op} of their record. */
    public enum Operation {
        C,
        U,
        D,
        T
    }

    /**
     * Reads a comma-separated list; {@code none} and the empty text are none.
     *
     * @throws IllegalArgumentException saying what is allowed
     */
    static Set<Operation> operations(String text) {
        List<String> letters = Arrays.stream(text.split(",", -1))
                .map(letter -> letter.strip().toUpperCase(Locale.ROOT))
                .filter(letter -> !letter.isEmpty())
                .toList();
        if (letters.equals(List.of("NONE"))) {
            return Set.of();
        }
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        for (String letter : letters) {
            if (Arrays.stream(Operation.values())
                    .noneMatch(operation -> operation.name().equals(letter))) {
                throw new IllegalArgumentException("\"" + letter.toLowerCase(Locale.ROOT)
                        + "\" must be c (insert), u (update), d (delete), t (truncate), or none alone");
            }
            operations.add(Operation.valueOf(letter));
        }
        return operations;
    }

    public boolean isNone() {
        return operations.isEmpty() && !withoutChange;
    }

    /** Whether truncates are not told. */
    public boolean truncates() {
        return operations.contains(Operation.T);
    }

    /** Whether the row is one of a change that is not told. */
    public boolean skips(CaptureEvent.Row row) {
        return switch (row.kind()) {
            case READ, READ_AGAIN -> false;
            case INSERT -> operations.contains(Operation.C);
            case UPDATE -> operations.contains(Operation.U) || (withoutChange && tellsNothingNew(row));
            case DELETE -> operations.contains(Operation.D);
        };
    }

    private static boolean tellsNothingNew(CaptureEvent.Row row) {
        @Nullable Tuple before = row.before();
        @Nullable Tuple after = row.after();
        if (before == null || after == null || row.beforeIsKeyOnly()) {
            return false;
        }
        List<Column> columns = row.relation().columns();
        for (int i = 0; i < columns.size(); i++) {
            boolean told =
                    columns.get(i).exposure().inRow() || row.relation().key().contains(i);
            if (told && !after.isUnchanged(i) && !Arrays.equals(before.value(i), after.value(i))) {
                return false;
            }
        }
        return true;
    }
}
