package io.paillette.broker.inbox;

import io.paillette.broker.inbox.InboxStore.Look;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Below which number nothing can be in the inbox any more. Looks begin there: as long as anybody's old snapshot keeps vacuum
 * away, a look from the start would pass all that has been taken since. For one thread.
 *
 * <p>A number is taken before it can be seen, and its transaction may end much later. So the newest number is noted together
 * with a transaction id that is taken after it; once all older transactions have ended and a look finds nothing that is left,
 * nothing up to that number can turn up.
 */
final class Floor {

    private final Duration pause;
    private long from;
    private @Nullable Mark mark;
    private long markedNanos = System.nanoTime();

    private record Mark(long newestId, long transactionId) {}

    /** @param pause between one mark and the next, each of which costs a transaction id */
    Floor(Duration pause) {
        this.pause = pause;
    }

    long from() {
        return from;
    }

    /** Other partitions count now. */
    void reset() {
        from = 0;
        mark = null;
    }

    /** @param allMoved whether what was found is out of the inbox now */
    void looked(Look look, boolean allMoved, LongSupplier transactionId) {
        Mark last = mark;
        if (look.newestId() < from - 1) {
            reset(); // a server that has lost what was new, after a fail-over: numbers are given again
        } else if (last != null) {
            if (look.all() && allMoved && look.settled() >= last.transactionId()) {
                from = last.newestId() + 1;
                mark = null;
            }
        } else if (look.newestId() >= from && System.nanoTime() - markedNanos >= pause.toNanos()) {
            mark = new Mark(look.newestId(), transactionId.getAsLong());
            markedNanos = System.nanoTime();
        }
    }
}
