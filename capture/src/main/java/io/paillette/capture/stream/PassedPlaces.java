package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether all that had committed when the server told where its WAL ends was delivered. The WAL may end with what nobody waits
 * for, such as a rollback: on a quiet server that is not flushed for long, and what is not flushed is not sent. Owned by the
 * reader thread.
 */
final class PassedPlaces {

    private static final long PATIENCE_NANOS = Duration.ofMillis(20).toNanos();

    private static final long LONG_NANOS = Duration.ofSeconds(2).toNanos();

    /** Docs: WAL Internals; the header of the first page of a segment is longer than the others'. */
    private static final long PAGE_BYTES = 8192;

    private static final long PAGE_HEADER_BYTES = 40;

    private final Supplier<CompletableFuture<Lsn>> flushed;

    /** Whatever committed before was delivered. */
    private Lsn settled = Lsn.NONE;

    private Lsn asked = Lsn.NONE;
    private Lsn last = Lsn.NONE;
    private long movedNanos = System.nanoTime();
    private @Nullable CompletableFuture<Lsn> answer;

    /** @param flushed asks how far there is something to send, once all that has committed until then is flushed */
    PassedPlaces(Supplier<CompletableFuture<Lsn>> flushed) {
        this.flushed = flushed;
    }

    /**
     * @param place   where the WAL ended
     * @param reached all before is delivered, or was nothing for us
     * @throws ExecutionException with what asking the server failed with
     */
    boolean contains(Lsn place, Lsn reached) throws ExecutionException, InterruptedException {
        if (settled.compareTo(place) >= 0 || reached.compareTo(endOfRecord(place)) >= 0) {
            return true;
        }
        long now = System.nanoTime();
        if (!asked.equals(place)) {
            asked = place;
            answer = null;
        }
        if (reached.compareTo(last) != 0) {
            last = reached;
            movedNanos = now;
        }
        if (answer == null && now - movedNanos >= PATIENCE_NANOS) {
            answer = flushed.get();
        }
        if (answer == null || !answer.isDone()) {
            return false;
        }
        boolean isFlushed = answer.get().compareTo(startOfPage(place)) >= 0;
        boolean isSent = reached.compareTo(answer.get()) >= 0;
        if (!isFlushed || !isSent) {
            // What committed asynchronously takes longer than it should, or the answer is in the middle of a record.
            if (!isFlushed || now - movedNanos >= LONG_NANOS) {
                answer = null;
                movedNanos = now;
            }
            return false;
        }
        settled = place;
        return true;
    }

    /** The place after the last record of a page is told as that after the next page's header. */
    private static Lsn endOfRecord(Lsn place) {
        return place.value() % PAGE_BYTES <= PAGE_HEADER_BYTES ? startOfPage(place) : place;
    }

    private static Lsn startOfPage(Lsn place) {
        return new Lsn(place.value() - place.value() % PAGE_BYTES);
    }
}
