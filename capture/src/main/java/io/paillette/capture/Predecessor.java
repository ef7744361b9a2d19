package io.paillette.capture;

/**
 * Another reader of the database whose work is gone on with: its slot is read, through its publication, up to where ours
 * takes over. Its slot is never told that something is stored, so that it could go on itself.
 *
 * @param slot        of its
 * @param publication of its
 * @param until       commit records from here on are read through our slot; {@link Lsn#NONE} before that is known
 * @param delivered   what it delivered of the transaction after {@link Position#end}
 */
public record Predecessor(String slot, String publication, Lsn until, Delivered delivered) {

    /**
     * What was delivered of a transaction: every row whose LSN is lower, and some of those that have it.
     *
     * @param xid  of the transaction; 0 where nothing of it was
     * @param rows of those with that LSN
     */
    public record Delivered(long xid, Lsn lsn, long rows) {

        public static final Delivered NOTHING = new Delivered(0, Lsn.NONE, 0);
    }

    /** The same, once it is known where ours takes over. */
    public Predecessor until(Lsn lsn) {
        return new Predecessor(slot, publication, lsn, delivered);
    }
}
