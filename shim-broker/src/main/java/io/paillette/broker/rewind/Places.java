package io.paillette.broker.rewind;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Finds offsets of places. */
public record Places(String topic, TopicReader reader) {

    /**
     * Of each partition. A change of a row is in one of them; the others get the first record of the same time or later.
     *
     * @throws RefusedException when there is no such place
     */
    public Map<Integer, Long> of(Place place) throws RefusedException {
        Map<Integer, Long> first = reader.first();
        Map<Integer, Long> end = reader.end();
        if (place instanceof Place.Beginning) {
            return first;
        }
        if (place instanceof Place.End) {
            return end;
        }
        if (place instanceof Place.Offset wanted) {
            return within(wanted.offset(), first, end);
        }
        if (place instanceof Place.Time time) {
            return at(time.time(), end);
        }
        return place instanceof Place.Lsn lsn ? at(lsn, first, end) : at((Place.Row) place, first, end);
    }

    private Map<Integer, Long> within(long wanted, Map<Integer, Long> first, Map<Integer, Long> end)
            throws RefusedException {
        var offsets = new HashMap<Integer, Long>();
        for (Map.Entry<Integer, Long> partition : end.entrySet()) {
            long from = first.getOrDefault(partition.getKey(), 0L);
            if (wanted < from || wanted > partition.getValue()) {
                throw new RefusedException(
                        Why.INVALID,
                        "offset " + wanted + " is not in " + topic + "-" + partition.getKey() + ", which has " + from
                                + " to " + partition.getValue() + "; --partition names one partition");
            }
            offsets.put(partition.getKey(), wanted);
        }
        return offsets;
    }

    private Map<Integer, Long> at(Instant time, Map<Integer, Long> end) throws RefusedException {
        var offsets = new HashMap<>(end);
        reader.at(time).forEach((partition, at) -> offsets.merge(partition, at, Math::min));
        return offsets;
    }

    private Map<Integer, Long> at(Place.Lsn wanted, Map<Integer, Long> first, Map<Integer, Long> end)
            throws RefusedException {
        var search = new LsnSearch(wanted.lsn());
        reader.read(first, end, search.done(), search::take);
        if (!search.any() && !first.equals(end)) {
            throw new RefusedException(
                    Why.INVALID,
                    "no record of these partitions tells an LSN: those of envelope=row and of producers have none; give a time");
        }
        var offsets = new HashMap<>(end);
        offsets.putAll(search.found());
        return offsets;
    }

    private Map<Integer, Long> at(Place.Row row, Map<Integer, Long> first, Map<Integer, Long> end)
            throws RefusedException {
        var found = new RowChanges(row);
        Set<Integer> done = new HashSet<>();
        reader.read(first, end, done, record -> {
            if (found.take(record)) {
                done.addAll(end.keySet());
            }
        });
        TopicRecord change = found.change();
        Map<Integer, Long> offsets = at(Instant.ofEpochMilli(change.timestamp()), end);
        offsets.put(change.partition(), change.offset());
        return offsets;
    }
}
