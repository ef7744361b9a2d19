package io.paillette.capture;

/**
 * Asks for rows of a table once more, into its sequence, while its changes go on.
 *
 * @param id     tells it from the others of its source, at most {@value #LONGEST_ID} characters; one that is done is not done
 *               again under the same
 * @param where  an SQL condition on a row of the table, at most {@value #LONGEST_CONDITION} characters; empty for every row
 * @param into   for whom alone the rows are, as whoever asks calls it. Empty: for all that want rows of the table
 * @param paused it stays where it is until it is asked for without
 */
public record Backfill(String id, TableName table, String where, String into, boolean paused) {

    static final int LONGEST_ID = 200;

    /** Every position of the source has it. */
    static final int LONGEST_CONDITION = 10_000;

    public Backfill {
        if (id.isBlank() || id.length() > LONGEST_ID) {
            throw new IllegalArgumentException(
                    "a backfill is named by 1 to " + LONGEST_ID + " characters, not by \"" + id + "\"");
        }
        int characters = where.codePointCount(0, where.length());
        if (characters > LONGEST_CONDITION) {
            throw new IllegalArgumentException("the condition of backfill " + id + " has " + characters
                    + " characters; " + LONGEST_CONDITION + " is the most");
        }
    }

    /** For all that want rows of the table. */
    public Backfill(String id, TableName table, String where, boolean paused) {
        this(id, table, where, "", paused);
    }

    /** The same rows for the same readers. */
    public Backfill paused(boolean now) {
        return new Backfill(id, table, where, into, now);
    }

    /** Asks for the same rows, whether it is to pause or not. */
    public boolean isSameAs(Backfill other) {
        return equals(other.paused(paused));
    }
}
