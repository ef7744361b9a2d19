package io.paillette.broker.feed;

import io.paillette.capture.TableName;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code schema.table} where {@code *} matches any run of characters, case-sensitive: as a source's own patterns. */
final class TablePattern {

    private TablePattern() {}

    static boolean matches(String pattern, TableName table) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex, Pattern.DOTALL).matcher(table.toString()).matches();
    }
}
