package io.paillette.capture.filter;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The columns of a table, by index, that SQL may read of its rows. */
final class ReadColumns {

    final int[] row;
    final int[] now;
    final int[] was;

    private final Relation relation;

    /** @param all each by itself */
    ReadColumns(Relation relation, List<Mentions> all) {
        this.relation = relation;
        this.row = columns(column -> all.stream().anyMatch(one -> one.row().has(column)));
        this.now = columns(column -> all.stream().anyMatch(one -> one.now().has(column)));
        this.was = columns(column -> all.stream().anyMatch(one -> one.was().has(column)));
    }

    private int[] columns(Predicate<String> mentioned) {
        return IntStream.range(0, relation.columns().size())
                .filter(i -> mentioned.test(relation.columns().get(i).name()))
                .toArray();
    }

    int count() {
        return row.length + now.length + was.length;
    }

    /** Empty: nothing of it is unknown, but perhaps of the old row. */
    Optional<Column> unknown(RowValues values) {
        Predicate<Integer> known = values::isRowKnown;
        return first(row, known).or(() -> values.after() == null ? Optional.empty() : first(now, known));
    }

    Optional<Column> unknownOld(RowValues values) {
        return first(was, values::isOldKnown);
    }

    /** A column of {@code old} that updates do not carry. */
    Optional<Column> unknownOldOfUpdates() {
        return first(was, column -> RowValues.isInOldRowOfUpdates(relation, column));
    }

    /** A column that deletes do not carry. */
    Optional<Column> unknownOfDeletes() {
        Predicate<Integer> known = column -> RowValues.isInOldRowOfUpdates(relation, column);
        return first(row, known).or(() -> first(was, known));
    }

    boolean isMoreThanKey() {
        Predicate<Integer> inKey = column -> relation.ownKey().contains(column);
        return first(row, inKey).or(() -> first(was, inKey)).isPresent();
    }

    /** Whether each value that is read is told as it is, so that what Postgres says of it may be said too. */
    boolean mayBeShown() {
        Predicate<Integer> told = relation::tells;
        return first(row, told)
                .or(() -> first(now, told))
                .or(() -> first(was, told))
                .isEmpty();
    }

    private Optional<Column> first(int[] columns, Predicate<Integer> known) {
        for (int column : columns) {
            if (!known.test(column)) {
                return Optional.of(relation.columns().get(column));
            }
        }
        return Optional.empty();
    }
}
