package io.paillette.capture.catalog;

import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Whether SQL that is put between parentheses stays there. Those in constants, quoted names and comments are none, and one of these that
 * does not end would take ours with it.
 */
final class Parentheses {

    private Parentheses() {}

    /** What is wrong with them, as the end of a sentence. */
    static Optional<String> fault(String sql) {
        var open = new ArrayDeque<Integer>();
        var words = new SqlWords(sql);
        while (words.next()) {
            int place = words.from() + 1;
            switch (words.kind()) {
                case OPENS -> open.push(place);
                case CLOSES -> {
                    if (open.poll() == null) {
                        return Optional.of("closes a parenthesis that it has not opened, at character " + place);
                    }
                }
                case DOES_NOT_END -> {
                    return Optional.of(
                            "has a constant, quoted name or comment that does not end, from character " + place);
                }
                default -> {}
            }
        }
        return Optional.ofNullable(open.peek()).map(place -> "leaves a parenthesis open, from character " + place);
    }
}
