package io.paillette.capture;

import io.paillette.capture.column.RegexList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which tables are captured: those that a pattern or an expression names, but for those excluded.
 *
 * @param patterns {@code schema.table}, {@code *} stands for any run of characters, case-sensitive
 * @param included expressions of which one must match a whole {@code schema.table}, where there are no patterns
 * @param excluded expressions of which none may
 */
public record TableSelection(List<String> patterns, RegexList included, RegexList excluded) {

    public TableSelection {
        patterns = List.copyOf(patterns);
    }

    public boolean contains(TableName table) {
        String name = table.toString();
        boolean named = patterns.stream()
                        .anyMatch(pattern -> regex(pattern).matcher(name).matches())
                || included.matches(name);
        return named && !excluded.matches(name);
    }

    private static Pattern regex(String pattern) {
        return Pattern.compile(
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    @Override
    public String toString() {
        return (included.isEmpty() ? patterns.toString() : included.patterns().toString())
                + (excluded.isEmpty() ? "" : " without " + excluded.patterns());
    }
}
