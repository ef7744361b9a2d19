package io.paillette.capture.snapshot;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.catalog.Faults;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a row is, for tables without a key to read them by. As long as nobody changes it there it stays, and its table keeps
 * the file.
 *
 * @param table  of a partitioned one the partition, else the table itself; unsigned
 * @param file   that the table is in; unsigned
 * @param blocks of the file when the first of its rows were read: what lies beyond has come since, and the stream tells it
 * @param block  of the row
 * @param offset of the row in its block, from 1; 0 for before the first
 */
public record RowPlace(long table, long file, long blocks, long block, long offset) {

    /** Stands for the columns that a table is read in the order of. */
    static final List<KeyColumn> ORDER = List.of(new KeyColumn("ctid", 27, -1, 0, 2800));

    private static final Pattern TEXT =
            Pattern.compile("(\\d{1,10}):(\\d{1,10}):(\\d{1,10}):\\((\\d{1,10}),(\\d{1,5})\\)");
    private static final Pattern TID = Pattern.compile("\\((\\d{1,10}),(\\d{1,5})\\)");

    /** Whether rows are read by their place: no table has a column of that name. */
    public static boolean isOrder(List<KeyColumn> key) {
        return key.equals(ORDER);
    }

    /** @throws CaptureException when it is none */
    static RowPlace of(BackfillProgress progress) throws CaptureException {
        return parse(progress.upTo())
                .orElseThrow(() -> Faults.fatal("Backfill " + progress.asked().id() + " cannot go on from \""
                        + progress.upTo().get(0)
                        + "\", which is no place of a row: ask for it once more, under another id."));
    }

    /** Of {@link #text}; empty when it is another text. */
    static Optional<RowPlace> parse(List<String> upTo) {
        Matcher text = TEXT.matcher(upTo.get(0));
        return text.matches()
                ? Optional.of(new RowPlace(
                        number(text, 1), number(text, 2), number(text, 3), number(text, 4), number(text, 5)))
                : Optional.empty();
    }

    /** As {@link BackfillProgress#upTo} has it, and a segment of a table that is read by place. */
    List<String> text() {
        return List.of(inFile() + tid());
    }

    /** In the same file. */
    RowPlace at(String tid) {
        Matcher place = TID.matcher(tid);
        if (!place.matches()) {
            throw new IllegalStateException("Postgres has a row at " + tid);
        }
        return new RowPlace(table, file, blocks, number(place, 1), number(place, 2));
    }

    /** Of another row of the same file, what {@link #text} has before its place as Postgres writes it. */
    String inFile() {
        return table + ":" + file + ":" + blocks + ":";
    }

    /**
     * A number that is higher for whatever comes later in the same file. One is asked for each row of a table: no pattern, no
     * string.
     *
     * @param tid as Postgres writes it
     */
    static long order(byte[] tid) {
        long block = 0;
        long number = 0;
        for (byte character : tid) {
            if (character == ',') {
                block = number;
                number = 0;
            } else if (character >= '0' && character <= '9') {
                number = number * 10 + character - '0';
            }
        }
        return block << Short.SIZE | number;
    }

    /** Of this one. */
    long order() {
        return block << Short.SIZE | offset;
    }

    /** Before the first row of a block of the same file. */
    RowPlace before(long other) {
        return new RowPlace(table, file, blocks, other, 0);
    }

    /** As Postgres writes it. */
    String tid() {
        return "(" + block + "," + offset + ")";
    }

    private static long number(Matcher text, int group) {
        return Long.parseLong(text.group(group));
    }
}
