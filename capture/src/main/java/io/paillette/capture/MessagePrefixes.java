package io.paillette.capture;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which logical messages are delivered. At most one of the lists names something.
 *
 * @param included expressions of which one must match a whole prefix; none: every prefix does
 * @param excluded expressions of which none may match
 */
public record MessagePrefixes(List<Pattern> included, List<Pattern> excluded) {

    public static final MessagePrefixes ALL = new MessagePrefixes(List.of(), List.of());

    public MessagePrefixes {
        included = List.copyOf(included);
        excluded = List.copyOf(excluded);
    }

    public boolean admit(String prefix) {
        return (included.isEmpty() || matches(included, prefix)) && !matches(excluded, prefix);
    }

    private static boolean matches(List<Pattern> patterns, String prefix) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(prefix).matches());
    }
}
