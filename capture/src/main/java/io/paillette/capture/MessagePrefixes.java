package io.paillette.capture;

import io.paillette.capture.column.RegexList;

/**
 * Which logical messages are delivered. At most one of the lists names something.
 *
 * @param included expressions of which one must match a whole prefix; none: every prefix does
 * @param excluded expressions of which none may match
 */
public record MessagePrefixes(RegexList included, RegexList excluded) {

    public boolean admit(String prefix) {
        return (included.isEmpty() || included.matches(prefix)) && !excluded.matches(prefix);
    }
}
