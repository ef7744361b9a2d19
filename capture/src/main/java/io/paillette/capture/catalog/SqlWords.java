package io.paillette.capture.catalog;

import java.util.SortedSet;
import java.util.TreeSet;

/** Reads SQL that a user wrote word by word, and passes over constants and comments. Source: Postgres docs, Lexical Structure. */
public final class SqlWords {

    private final String sql;
    private int from;
    private int at;
    private Kind kind = Kind.OTHER;
    private String text = "";

    enum Kind {
        NAME,
        DOT,
        /** A name with Unicode escapes, whose meaning depends on what follows. */
        UNREADABLE,
        QUESTION_MARK,
        /** {@code $1}. */
        PARAMETER,
        /** {@code E'..'}. */
        ESCAPED,
        OPENS,
        CLOSES,
        /** A constant, quoted name or comment. */
        DOES_NOT_END,
        OTHER
    }

    public SqlWords(String sql) {
        this.sql = sql;
    }

    /**
     * The SQL with each question mark that is an operator, or part of one, doubled: as the driver takes it in a statement whose parameters
     * are question marks.
     */
    public static String withoutParameters(String sql) {
        var words = new SqlWords(sql);
        var doubled = new StringBuilder(sql);
        int added = 0;
        while (words.next()) {
            if (words.kind == Kind.QUESTION_MARK) {
                doubled.insert(words.at + added++, '?');
            }
        }
        return doubled.toString();
    }

    /**
     * The SQL with {@code ''} for each {@code \'} of its constants: the driver knows no escapes in what such a constant goes on with, and
     * would read it to another end. Everything stays at its place.
     */
    static String withoutEscapedQuotes(String sql) {
        var words = new SqlWords(sql);
        var changed = new StringBuilder(sql);
        while (words.next()) {
            for (int i = words.from; words.kind == Kind.ESCAPED && i < words.at; i++) {
                if (sql.charAt(i) == '\\' && sql.charAt(++i) == '\'') {
                    changed.setCharAt(i - 1, '\'');
                }
            }
        }
        return changed.toString();
    }

    /** The numbers of the parameters that it has, {@code $1}. */
    public static SortedSet<Integer> parameters(String sql) {
        var numbers = new TreeSet<Integer>();
        var words = new SqlWords(sql);
        while (words.next()) {
            if (words.kind == Kind.PARAMETER) {
                numbers.add(words.text.length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(words.text));
            }
        }
        return numbers;
    }

    /** At the same place, to look ahead. */
    public SqlWords copy() {
        var copy = new SqlWords(sql);
        copy.at = at;
        return copy;
    }

    /** False at the end. */
    public boolean next() {
        while (at < sql.length()) {
            if (isSpace()) {
                at++;
            } else if (sql.startsWith("--", at)) {
                line();
            } else {
                from = at;
                kind = Kind.OTHER;
                if (!sql.startsWith("/*", at)) {
                    word(sql.charAt(at));
                    return true;
                }
                comment();
                if (kind == Kind.DOES_NOT_END) {
                    return true;
                }
            }
        }
        return false;
    }

    public boolean isName() {
        return kind == Kind.NAME;
    }

    public boolean isDot() {
        return kind == Kind.DOT;
    }

    public boolean isUnreadable() {
        return kind == Kind.UNREADABLE;
    }

    /** Of a name: as Postgres stores it. */
    public String text() {
        return text;
    }

    Kind kind() {
        return kind;
    }

    /** Where the word begins. */
    int from() {
        return from;
    }

    private void word(char c) {
        switch (c) {
            case '"' -> quotedName();
            case '\'' ->
                passTo("'", at + 1); // with '' in it read as two that follow each other, which comes to the same
            case '$' -> dollars();
            case '.' -> sign(Kind.DOT);
            case '?' -> sign(Kind.QUESTION_MARK);
            case '(' -> sign(Kind.OPENS);
            case ')' -> sign(Kind.CLOSES);
            default -> {
                if (begins(c)) {
                    bareName();
                } else {
                    sign(Kind.OTHER);
                }
            }
        }
    }

    private void sign(Kind which) {
        kind = which;
        at++;
    }

    private void bareName() {
        while (at < sql.length() && goesOn(sql.charAt(at))) {
            at++;
        }
        String name = folded(sql.substring(from, at));
        boolean unicode = name.equals("u") && sql.startsWith("&", at);
        if (unicode && sql.startsWith("\"", at + 1)) {
            at++;
            quotedName();
            kind = kind == Kind.NAME ? Kind.UNREADABLE : kind;
        } else if (unicode && sql.startsWith("'", at + 1)) {
            passTo("'", at + 2);
        } else if (name.equals("e") && isQuote()) {
            escaped();
        } else if (name.length() == 1 && isQuote()) {
            passTo("'", at + 1);
        } else {
            kind = Kind.NAME;
            text = name;
        }
    }

    private void quotedName() {
        var name = new StringBuilder();
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '"') {
                if (!sql.startsWith("\"", at)) {
                    kind = Kind.NAME;
                    text = name.toString();
                    return;
                }
                at++;
            }
            name.append(c);
        }
        kind = Kind.DOES_NOT_END;
    }

    private void escaped() {
        do {
            at++;
            while (at < sql.length() && !isQuote()) {
                at += sql.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= sql.length()) {
                doesNotEnd();
                return;
            }
            at++;
        } while (isContinued());
        kind = Kind.ESCAPED;
    }

    /** By what follows at once, or after a new line; escapes count there as well. */
    private boolean isContinued() {
        int end = at;
        boolean newLine = false;
        while (isSpace() || sql.startsWith("--", at)) {
            newLine |= isLineEnd();
            if (isSpace()) {
                at++;
            } else {
                line();
            }
        }
        if (isQuote() && (newLine || at == end)) {
            return true;
        }
        at = end;
        return false;
    }

    private void dollars() {
        int tagEnd = at + 1;
        while (tagEnd < sql.length() && isDigit(sql.charAt(tagEnd))) {
            tagEnd++;
        }
        if (tagEnd > at + 1) {
            kind = Kind.PARAMETER;
            text = sql.substring(at + 1, tagEnd);
            at = tagEnd;
            return;
        }
        while (tagEnd < sql.length() && goesOn(sql.charAt(tagEnd)) && sql.charAt(tagEnd) != '$') {
            tagEnd++;
        }
        if (sql.startsWith("$", tagEnd)) {
            passTo(sql.substring(at, tagEnd + 1), tagEnd + 1);
        } else {
            at++;
        }
    }

    private void comment() {
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
        if (depth > 0) {
            doesNotEnd();
        }
    }

    private void line() {
        while (at < sql.length() && !isLineEnd()) {
            at++;
        }
    }

    private void passTo(String end, int after) {
        int found = sql.indexOf(end, after);
        at = found + end.length();
        if (found < 0) {
            doesNotEnd();
        }
    }

    private void doesNotEnd() {
        kind = Kind.DOES_NOT_END;
        at = sql.length();
    }

    private boolean isQuote() {
        return sql.startsWith("'", at);
    }

    private boolean isSpace() {
        return at < sql.length() && sql.charAt(at) <= ' ';
    }

    private boolean isLineEnd() {
        return at < sql.length() && (sql.charAt(at) == '\n' || sql.charAt(at) == '\r');
    }

    /** Of other letters Postgres keeps the case. */
    private static String folded(String name) {
        var folded = new StringBuilder(name.length());
        name.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c)));
        return folded.toString();
    }

    private static boolean begins(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    }

    private static boolean goesOn(char c) {
        return begins(c) || isDigit(c) || c == '$';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
