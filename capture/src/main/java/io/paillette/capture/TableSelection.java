package io.paillette.capture;

import io.paillette.capture.column.RegexList;
import java.util.ArrayList;
import java.util.List;

/**
 * Which tables are captured: those that a pattern or an expression names, but for those excluded.
 *
 * @param patterns of which one must match, or
 * @param included expressions of which one must match a whole {@code schema.table}, where there are no patterns
 * @param excluded expressions of which none may
 */
public record TableSelection(List<TablePattern> patterns, RegexList included, RegexList excluded) {

    public TableSelection {
        patterns = List.copyOf(patterns);
    }

    public boolean contains(TableName table) {
        boolean named =
                patterns.stream().anyMatch(pattern -> pattern.matches(table)) || included.matches(table.toString());
        return named && !excluded.matches(table.toString());
    }

    /** These, and one more. */
    TableSelection and(TableName table) {
        List<TablePattern> more = new ArrayList<>(patterns);
        more.add(new TablePattern(table.toString()));
        return new TableSelection(more, included, excluded);
    }

    @Override
    public String toString() {
        return (included.isEmpty() ? patterns.toString() : included.patterns().toString())
                + (excluded.isEmpty() ? "" : " without " + excluded.patterns());
    }
}
