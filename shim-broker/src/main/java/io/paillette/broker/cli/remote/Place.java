package io.paillette.broker.cli.remote;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in a topic. */
sealed interface Place {

    /** The oldest record that is kept. */
    record Beginning() implements Place {}

    /** Behind the newest record. */
    record End() implements Place {}

    record Offset(long offset) implements Place {}

    /** The first record whose time is that or later; of a sequence the time at which its transaction was committed. */
    record Time(Instant time) implements Place {}

    /** The first record whose LSN is that or later. */
    record Lsn(long lsn) implements Place {}

    /**
     * A change of one row.
     *
     * @param number of its changes, from 1; -1 for the last
     */
    record Row(RecordKey key, long number) implements Place {}

    Pattern LSN = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");
    Pattern NUMBER = Pattern.compile("\\d{1,18}");

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
                    "\"" + text + "\" is no place in a topic: write beginning, end, an offset (42), a time"
                            + " (2026-11-27T10:00:00Z) or an LSN (16/B374D848)");
        }
    }

    /** @param text that {@link #LSN} has matched */
    static long lsn(Matcher text) {
        return (Long.parseLong(text.group(1), 16) << 32) | Long.parseLong(text.group(2), 16);
    }
}
