package io.paillette.broker.log;

/**
 * What the next group waits for. Whoever was just answered is about to send again, and one commit of all that the producers keep
 * under way costs hardly more than a commit of half of it. So as many appends are waited for as were under way when the last
 * commit ended; no longer than that commit took, counted from its end, so after a pause nobody waits.
 */
final class Gathering {

    private static final long LONGEST_NANOS = 1_000_000;

    private int underWay;
    private long endNanos;

    /**
     * @param appends in the group whose commit has ended just now
     * @param queued  that came meanwhile
     * @param nanos   that it took
     */
    void committed(int appends, int queued, long nanos) {
        underWay = appends + queued;
        endNanos = System.nanoTime() + Math.min(nanos, LONGEST_NANOS);
    }

    /** How many appends make the next group complete. */
    int wanted() {
        return underWay;
    }

    /** How long they are still waited for; negative or 0 when not any more. */
    long leftNanos() {
        return endNanos - System.nanoTime();
    }
}
