package io.paillette.broker.rewind;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first record of each partition whose transaction was committed at an LSN or later. Of a transaction that began before the
 * LSN the records may not say whether it ended before it too; there is one such at most, that with the highest end of a predecessor
 * that is not behind the LSN. It counts as later, since nothing may be left out.
 */
final class LsnSearch {

    private final long lsn;
    private final Map<Integer, Open> open = new HashMap<>();
    private final Map<Integer, Long> certain = new HashMap<>();
    private final Set<Integer> done = new HashSet<>();
    private long nearest = -1;
    private boolean any;

    /** The newest transaction of a partition, and the one before it. */
    private record Open(CommitPlace place, long firstOffset, @Nullable Open before) {

        /** Only the one right before may be asked for. */
        static Open behind(@Nullable Open last, CommitPlace place, long offset) {
            return new Open(place, offset, last == null ? null : new Open(last.place, last.firstOffset, null));
        }

        boolean hasAlso(CommitPlace other) {
            return other.commit().isEmpty()
                    && place.transaction().equals(other.transaction())
                    && place.after().equals(other.after());
        }
    }

    LsnSearch(long lsn) {
        this.lsn = lsn;
    }

    /** Partitions of which no more has to be read. */
    Collection<Integer> done() {
        return done;
    }

    /** Whether any record said an LSN. */
    boolean any() {
        return any;
    }

    void take(TopicRecord record) {
        CommitPlace.of(record).ifPresent(place -> take(place, record.partition(), record.offset()));
    }

    private void take(CommitPlace place, int partition, long offset) {
        any = true;
        OptionalLong after = place.after();
        if (after.isPresent() && after.getAsLong() <= lsn) {
            nearest = Math.max(nearest, after.getAsLong());
        }
        Open last = open.get(partition);
        Open now = last != null && last.hasAlso(place) ? last : Open.behind(last, place, offset);
        open.put(partition, now);
        if (place.isFrom(lsn)) {
            certain.put(partition, now.firstOffset());
            done.add(partition);
        }
    }

    /** Of the partitions that have some. */
    Map<Integer, Long> found() {
        var found = new HashMap<>(certain);
        open.forEach((partition, last) -> {
            Open doubtful = certain.containsKey(partition) ? last.before() : last;
            if (doubtful != null && mayBeLater(doubtful.place())) {
                found.put(partition, doubtful.firstOffset());
            }
        });
        return found;
    }

    private boolean mayBeLater(CommitPlace place) {
        return place.commit().isEmpty()
                && place.after().isPresent()
                && place.after().getAsLong() == nearest;
    }
}
