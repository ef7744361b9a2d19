package io.paillette.capture.snapshot;

import java.util.Arrays;
import java.util.Collection;

/**
 * Which transactions a snapshot sees (docs: Table 9.85, pg_snapshot components). Commits that come after {@code xmax} and
 * those in progress when it was taken are not seen; subtransactions count with their parent.
 */
public final class MvccSnapshot {

    private static final long XID_MASK = 0xFFFFFFFFL;
    private static final long HALF_EPOCH = 1L << 31;

    private final long xmin;
    private final long xmax;
    private final long[] inProgress;

    private MvccSnapshot(long xmin, long xmax, long[] inProgress) {
        this.xmin = xmin;
        this.xmax = xmax;
        this.inProgress = inProgress;
    }

    /** @throws IllegalArgumentException when the text is not {@code xmin:xmax:xip,...} */
    public static MvccSnapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a snapshot: \"" + text + "\"");
        }
        long[] inProgress = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(",", -1))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new MvccSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), inProgress);
    }

    /**
     * Whether a transaction that committed is seen.
     *
     * @param xid 32-bit id as the WAL has it; the epoch is that which brings it nearest to the snapshot, since ids in use
     *            never lie 2^31 apart
     */
    public boolean sees(long xid) {
        long full = (xmax & ~XID_MASK) | (xid & XID_MASK);
        if (full - xmax > HALF_EPOCH) {
            full -= XID_MASK + 1;
        } else if (xmax - full > HALF_EPOCH) {
            full += XID_MASK + 1;
        }
        return full < xmin || (full < xmax && Arrays.binarySearch(inProgress, full) < 0);
    }

    /**
     * Whether a row that {@code now} sees was written by a transaction that this one does not see yet.
     *
     * <p>Rows keep their number for ever, so that one of an earlier epoch may have the number of a transaction of today; and
     * the number of a subtransaction says nothing of its parent, so that what was written inside of one that was in progress
     * counts as seen.
     *
     * @param xmin as the row has it, of 32 bits
     * @param now  taken after this one, less than {@link #isNear} allows
     */
    boolean isLater(long xmin, MvccSnapshot now) {
        long behind = (xmax - xmin) & XID_MASK;
        long ahead = (xmin - xmax) & XID_MASK;
        return ahead < now.xmax - xmax || Arrays.binarySearch(inProgress, xmax - behind) >= 0;
    }

    /** Whether ids of 32 bits tell what is before this snapshot from what came until {@code now}. */
    boolean isNear(MvccSnapshot now) {
        return now.xmax >= xmax && now.xmax - xmax < HALF_EPOCH;
    }

    /** Whatever ran when {@code other} was taken has ended. */
    boolean isPast(MvccSnapshot other) {
        return xmin >= other.xmax;
    }

    boolean seesAll(Collection<Long> xids) {
        return xids.stream().allMatch(this::sees);
    }
}
