package io.paillette.capture.filter;

import java.util.SortedSet;
import java.util.TreeSet;

/** Reads a condition word by word, and passes over constants and comments. Source: Postgres docs, Lexical Structure. */
public final class ConditionWords {

    private final String sql;
    private int at;
    private Kind kind = Kind.OTHER;
    private String text = "";

    private enum Kind {
        NAME,
        DOT,
        /** A name with Unicode escapes, whose meaning depends on what follows. */
        UNREADABLE,
        QUESTION_MARK,
        /** {@code $1}. */
        PARAMETER,
        OTHER
    }

    ConditionWords(String sql) {
        this.sql = sql;
    }

    /**
     * The condition with each question mark that is an operator, or part of one, doubled: as the driver takes it in a statement
     * whose parameters are question marks.
     */
    public static String withoutParameters(String sql) {
        var words = new ConditionWords(sql);
        var doubled = new StringBuilder(sql);
        int added = 0;
        while (words.next()) {
            if (words.kind == Kind.QUESTION_MARK) {
                doubled.insert(words.at + added++, '?');
            }
        }
        return doubled.toString();
    }

    /** The numbers of the parameters that it has, {@code $1}. */
    static SortedSet<Integer> parameters(String sql) {
        var numbers = new TreeSet<Integer>();
        var words = new ConditionWords(sql);
        while (words.next()) {
            if (words.kind == Kind.PARAMETER) {
                numbers.add(words.text.length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(words.text));
            }
        }
        return numbers;
    }

    /** At the same place, to look ahead. */
    ConditionWords copy() {
        var copy = new ConditionWords(sql);
        copy.at = at;
        return copy;
    }

    /** False at the end. */
    boolean next() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c <= ' ') {
                at++;
            } else if (sql.startsWith("--", at)) {
                at = past(sql.indexOf('\n', at), 1);
            } else if (sql.startsWith("/*", at)) {
                comment();
            } else {
                word(c);
                return true;
            }
        }
        return false;
    }

    boolean isName() {
        return kind == Kind.NAME;
    }

    boolean isDot() {
        return kind == Kind.DOT;
    }

    boolean isUnreadable() {
        return kind == Kind.UNREADABLE;
    }

    /** Of a name: as Postgres stores it. */
    String text() {
        return text;
    }

    private void word(char c) {
        kind = Kind.OTHER;
        if (c == '"') {
            quotedName();
        } else if (c == '\'') {
            constant(false);
        } else if (c == '$') {
            dollars();
        } else if (c == '.') {
            kind = Kind.DOT;
            at++;
        } else if (c == '?') {
            kind = Kind.QUESTION_MARK;
            at++;
        } else if (begins(c)) {
            bareName();
        } else {
            at++;
        }
    }

    private void bareName() {
        int from = at;
        while (at < sql.length() && goesOn(sql.charAt(at))) {
            at++;
        }
        String name = folded(sql.substring(from, at));
        boolean unicode = name.equals("u") && at + 1 < sql.length() && sql.charAt(at) == '&';
        if (unicode && sql.charAt(at + 1) == '"') {
            at++;
            quotedName();
            kind = Kind.UNREADABLE;
        } else if (unicode && sql.charAt(at + 1) == '\'') {
            at++;
            constant(false);
        } else if (name.length() == 1 && at < sql.length() && sql.charAt(at) == '\'') {
            constant(name.equals("e"));
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
                if (at >= sql.length() || sql.charAt(at) != '"') {
                    break;
                }
                at++;
            }
            name.append(c);
        }
        kind = Kind.NAME;
        text = name.toString();
    }

    /** With {@code ''} in it read as two that follow each other, which comes to the same. */
    private void constant(boolean backslashes) {
        at++;
        while (at < sql.length() && sql.charAt(at) != '\'') {
            at += backslashes && sql.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
        if (backslashes && at < sql.length() && sql.charAt(at) == '\'') {
            constant(true);
        }
    }

    private void dollars() {
        int digits = at + 1;
        while (digits < sql.length() && sql.charAt(digits) >= '0' && sql.charAt(digits) <= '9') {
            digits++;
        }
        if (digits > at + 1) {
            kind = Kind.PARAMETER;
            text = sql.substring(at + 1, digits);
            at = digits;
            return;
        }
        int end = sql.indexOf('$', at + 1);
        String tag = end < 0 ? "" : sql.substring(at, end + 1);
        boolean quotes = !tag.isEmpty()
                && tag.chars().skip(1).limit(tag.length() - 2L).allMatch(c -> goesOn((char) c))
                && !Character.isDigit(tag.charAt(1));
        at = quotes ? past(sql.indexOf(tag, end + 1), tag.length()) : at + 1;
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
    }

    private int past(int found, int length) {
        return found < 0 ? sql.length() : found + length;
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
        return begins(c) || (c >= '0' && c <= '9') || c == '$';
    }
}
