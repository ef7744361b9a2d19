package io.paillette.capture.catalog;

import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Whether SQL that is put between parentheses stays there. Those in constants, quoted names and comments are none, and one of these that
 * does not end would take ours with it. Source: Postgres docs, Lexical Structure. For one look.
 */
final class Parentheses {

    private final String sql;
    private final ArrayDeque<Integer> open = new ArrayDeque<>();
    private int at;

    private Parentheses(String sql) {
        this.sql = sql;
    }

    /** What is wrong with them, as the end of a sentence. */
    static Optional<String> fault(String sql) {
        return new Parentheses(sql).look();
    }

    private Optional<String> look() {
        while (at < sql.length()) {
            int from = at;
            char c = sql.charAt(at);
            if (c == '(') {
                open.push(at++);
            } else if (c == ')') {
                at++;
                if (open.poll() == null) {
                    return Optional.of("closes a parenthesis that it has not opened, at character " + (from + 1));
                }
            } else if (!pass(c)) {
                return Optional.of(
                        "has a constant, quoted name or comment that does not end, from character " + (from + 1));
            }
        }
        return Optional.ofNullable(open.peek())
                .map(place -> "leaves a parenthesis open, from character " + (place + 1));
    }

    /** Passes over one word; false where it does not end. */
    private boolean pass(char c) {
        if (c == '"') {
            return passTo("\"", at + 1); // a doubled one is read as two names, which comes to the same
        }
        if (c == '\'') {
            return passTo("'", at + 1);
        }
        if (c == '$') {
            return dollars();
        }
        if (sql.startsWith("--", at)) {
            line();
            return true;
        }
        if (sql.startsWith("/*", at)) {
            return comment();
        }
        return begins(c) ? name() : passTo("", at + 1);
    }

    private boolean passTo(String end, int from) {
        int found = sql.indexOf(end, from);
        at = found < 0 ? sql.length() : found + end.length();
        return found >= 0;
    }

    /** Or a number's parameter, or an operator. */
    private boolean dollars() {
        int tagEnd = at + 1;
        while (tagEnd < sql.length() && goesOn(sql.charAt(tagEnd)) && sql.charAt(tagEnd) != '$') {
            tagEnd++;
        }
        boolean quotes =
                tagEnd < sql.length() && sql.charAt(tagEnd) == '$' && (tagEnd == at + 1 || begins(sql.charAt(at + 1)));
        return quotes ? passTo(sql.substring(at, tagEnd + 1), tagEnd + 1) : passTo("", at + 1);
    }

    private void line() {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
    }

    private boolean comment() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        return depth == 0;
    }

    private boolean name() {
        int from = at;
        while (at < sql.length() && goesOn(sql.charAt(at))) {
            at++;
        }
        boolean escapes = at == from + 1 && (sql.charAt(from) == 'e' || sql.charAt(from) == 'E');
        return !escapes || !isQuote() || escaped();
    }

    /** {@code E'..'}, which goes on with the next constant where only space is between: escapes count there as well. */
    private boolean escaped() {
        while (isQuote()) {
            at++;
            while (at < sql.length() && !isQuote()) {
                at += sql.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= sql.length()) {
                at = sql.length();
                return false;
            }
            at++;
            space();
        }
        return true;
    }

    private void space() {
        for (int from = -1; from != at; ) {
            from = at;
            if (sql.startsWith("--", at)) {
                line();
            } else if (at < sql.length() && sql.charAt(at) <= ' ') {
                at++;
            }
        }
    }

    private boolean isQuote() {
        return at < sql.length() && sql.charAt(at) == '\'';
    }

    private static boolean begins(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    }

    private static boolean goesOn(char c) {
        return begins(c) || (c >= '0' && c <= '9') || c == '$';
    }
}
