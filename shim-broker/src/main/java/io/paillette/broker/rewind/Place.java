package io.paillette.broker.rewind;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in a topic. */
public sealed interface Place {

    /** The oldest record that is kept. */
    record Beginning() implements Place {}

    /** Behind the newest record. */
    record End() implements Place {}

    record Offset(long offset) implements Place {}

    /** The first record whose time is that or later; of a sequence the time at which its transaction was committed. */
    record Time(Instant time) implements Place {}

    /** The first record of the transactions that were committed at that place of the WAL or later. */
    record Lsn(long lsn) implements Place {}

    /**
     * A change of one row.
     *
     * @param number of its changes, from 1; {@link #LAST} for the last
     */
    record Row(RowKey key, long number) implements Place {}

    long LAST = -1;
    Pattern LSN = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");
    Pattern NUMBER = Pattern.compile("\\d{1,18}");
    Pattern CHANGE = Pattern.compile("[1-9]\\d{0,8}");

    /** @throws RefusedException saying what a place looks like */
    static Place parse(String text) throws RefusedException {
        if (text.equals("beginning")) {
            return new Beginning();
        }
        if (text.equals("end")) {
            return new End();
        }
        if (NUMBER.matcher(text).matches()) {
            return new Offset(Long.parseLong(text));
        }
        var lsn = LSN.matcher(text);
        if (lsn.matches()) {
            return new Lsn(lsn(lsn));
        }
        try {
            return new Time(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw new RefusedException(
                    Why.INVALID,
                    "\"" + text + "\" is no place in a topic: write beginning, end, an offset (42), a time"
                            + " (2026-11-27T10:00:00Z) or an LSN (16/B374D848)");
        }
    }

    /**
     * Which of the changes of a row.
     *
     * @throws RefusedException saying what is to be written
     */
    static long change(String text) throws RefusedException {
        return switch (text) {
            case "first" -> 1;
            case "last" -> LAST;
            default -> {
                if (!CHANGE.matcher(text).matches()) {
                    throw new RefusedException(
                            Why.INVALID, "\"" + text + "\" is no change: write first, last or its number from 1");
                }
                yield Long.parseLong(text);
            }
        };
    }

    /** @param text that {@link #LSN} has matched */
    static long lsn(Matcher text) {
        return (Long.parseLong(text.group(1), 16) << 32) | Long.parseLong(text.group(2), 16);
    }
}
