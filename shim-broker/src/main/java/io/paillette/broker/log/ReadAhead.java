package io.paillette.broker.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Where readers behind the tail cache will go on, and what they will get there: it is asked of the store while their clients
 * are busy with what they have got. A consumer asks for one range of a partition at a time and would wait for the store anew
 * each time.
 *
 * <p>Where an answer ended is remembered; who comes back to such a place reads in sequence, and for him the next range is
 * read at once. Bounded in bytes and places; the oldest that nobody came for makes room. What was read stays right, however
 * old it is: committed batches do not change, and whoever serves them looks at the log start.
 */
final class ReadAhead {

    private static final int PLACES = 1_000;

    private final long limitBytes;
    private final Map<Place, Optional<Reading>> places = new LinkedHashMap<>(); // oldest first; guarded by this
    private long bytes; // guarded by this

    record Place(long partitionId, long offset) {}

    /** @param bytes the most that it may hold */
    record Reading(CompletableFuture<MemoryRecords> records, int bytes) {}

    /**
     * Somebody has come to a place.
     *
     * @param inSequence an answer has ended there
     * @param reading    what was read ahead for it; belongs to who asked
     */
    record Visit(boolean inSequence, Optional<Reading> reading) {}

    ReadAhead(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    synchronized Visit visit(Place place) {
        Optional<Reading> left = places.remove(place);
        if (left == null) {
            return new Visit(false, Optional.empty());
        }
        left.ifPresent(reading -> bytes -= reading.bytes());
        return new Visit(true, left);
    }

    /** An answer has ended here. */
    synchronized void remember(Place place) {
        if (places.putIfAbsent(place, Optional.empty()) == null) {
            makeRoom();
        }
    }

    /** Begins to read for the next visit, unless somebody has begun, or it would take more than its share of the memory. */
    synchronized void begin(Place place, int maxBytes, Supplier<CompletableFuture<MemoryRecords>> read) {
        if (maxBytes <= 0 || maxBytes > limitBytes / 4) {
            remember(place);
        } else if (places.getOrDefault(place, Optional.empty()).isEmpty()) {
            places.remove(place);
            places.put(place, Optional.of(new Reading(read.get(), maxBytes)));
            bytes += maxBytes;
            makeRoom();
        }
    }

    private void makeRoom() {
        var oldest = places.values().iterator();
        while (places.size() > PLACES || bytes > limitBytes) {
            oldest.next().ifPresent(reading -> bytes -= reading.bytes());
            oldest.remove();
        }
    }
}
