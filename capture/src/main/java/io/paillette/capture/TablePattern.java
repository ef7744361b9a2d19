package io.paillette.capture;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code schema.table} where {@code *} matches any run of characters, case-sensitive. */
public final class TablePattern {

    private final String text;
    private final Pattern regex;

    public TablePattern(String text) {
        this.text = text;
        this.regex = Pattern.compile(
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    /** As the user wrote it. */
    public String text() {
        return text;
    }

    public boolean matches(TableName table) {
        return regex.matcher(table.toString()).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
