package io.paillette.capture.filter;

import io.paillette.capture.catalog.SqlWords;
import java.util.HashSet;
import java.util.Set;

/**
 * Which columns a condition may read, as far as its words tell: rather one too many than one too few, since one too many
 * costs little and one too few would not be there. Source: Postgres docs, Lexical Structure.
 *
 * @param row of the row that the change is of, which have no prefix
 * @param now of {@code new}
 * @param was of {@code old}
 */
record Mentions(Columns row, Columns now, Columns was) {

    static final String NEW = "new";
    static final String OLD = "old";

    /** @param all whether any column may be read, whatever {@code names} says */
    record Columns(boolean all, Set<String> names) {

        Columns {
            names = Set.copyOf(names);
        }

        boolean has(String column) {
            return all || names.contains(column);
        }
    }

    static Mentions of(String condition) {
        var reading = new Reading(new SqlWords(condition));
        reading.read();
        return new Mentions(
                new Columns(reading.anything, reading.row),
                new Columns(reading.anything || reading.wholeNow, reading.now),
                new Columns(reading.anything || reading.wholeWas, reading.was));
    }

    private static final class Reading {

        private final SqlWords words;
        private final Set<String> row = new HashSet<>();
        private final Set<String> now = new HashSet<>();
        private final Set<String> was = new HashSet<>();
        private boolean wholeNow;
        private boolean wholeWas;
        private boolean anything;

        Reading(SqlWords words) {
            this.words = words;
        }

        void read() {
            boolean afterDot = false;
            while (words.next()) {
                if (words.isName() && !afterDot) {
                    name(words.text());
                }
                anything |= words.isUnreadable();
                afterDot = words.isDot();
            }
        }

        /** A column of that name may be meant as well: who has one called "old" may write it without a prefix. */
        private void name(String name) {
            row.add(name);
            if (name.equals(NEW)) {
                wholeNow |= !columnOf(now);
            } else if (name.equals(OLD)) {
                wholeWas |= !columnOf(was);
            }
        }

        /** What follows is one of its columns, rather than the row as a whole is meant. */
        private boolean columnOf(Set<String> prefix) {
            SqlWords ahead = words.copy();
            if (ahead.next() && ahead.isDot() && ahead.next() && ahead.isName()) {
                prefix.add(ahead.text());
                return true;
            }
            return false;
        }
    }
}
