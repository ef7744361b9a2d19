package io.paillette.capture.column;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Comma-separated regular expressions as Debezium reads them: each is for a whole name, upper or lower case, and a comma
 * after a backslash is part of the expression.
 */
public record RegexList(List<Pattern> patterns) {

    public static final RegexList NONE = new RegexList(List.of());

    public RegexList {
        patterns = List.copyOf(patterns);
    }

    /** @throws IllegalArgumentException that begins with the option's key */
    public static RegexList of(String key, String text) {
        return new RegexList(Arrays.stream(text.split("(?<!\\\\),", -1))
                .map(regex -> regex.replace("\\,", ",").strip())
                .filter(regex -> !regex.isEmpty())
                .map(regex -> pattern(key, regex))
                .toList());
    }

    /** @throws IllegalArgumentException that begins with the key */
    public static Pattern pattern(String key, String regex) {
        try {
            return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    key + ": \"" + e.getPattern() + "\" is not a regular expression: " + e.getDescription(), e);
        }
    }

    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    public boolean matches(String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }
}
