package io.paillette.capture;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The patterns {@code schema.table} of a source; {@code *} stands for any run of characters. */
public final class TablePatterns {

    private final List<Pattern> patterns;

    public TablePatterns(List<String> patterns) {
        this.patterns = patterns.stream().map(TablePatterns::regex).toList();
    }

    private static Pattern regex(String pattern) {
        return Pattern.compile(
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    public boolean match(TableName table) {
        String name = table.toString();
        return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }
}
