package io.paillette.broker.feed;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the log keeps of a feed: where its source stands, and the producer id of the Kafka transaction that is open there, while
 * a transaction of the source is spread over several appends. Such a transaction outside of the source's own is to be aborted.
 * Each sequence that is behind its source has a line of its own.
 *
 * <pre>{"end":"0/16B3748",...}
 *producer=4711 {"end":"0/16B3748","commit":"0/1A00F10","ordinal":20000,...}
 *behind=paid {"end":"0/16A0010",...}</pre>
 *
 * @param behind where sequences stand, by name
 */
record Bookmark(Position position, OptionalLong producerId, Map<String, Position> behind) {

    private static final Pattern WITH_PRODUCER = Pattern.compile("producer=(\\d{1,18}) (.*)", Pattern.DOTALL);
    private static final Pattern BEHIND = Pattern.compile("behind=(\\S+) (.*)", Pattern.DOTALL);

    Bookmark {
        behind = Map.copyOf(behind);
    }

    static Bookmark between(Position position) {
        return new Bookmark(position, OptionalLong.empty(), Map.of());
    }

    static Bookmark inside(Position position, long producerId) {
        return new Bookmark(position, OptionalLong.of(producerId), Map.of());
    }

    /** @throws IllegalArgumentException naming what is wrong with the text */
    static Bookmark read(String text) {
        String[] lines = text.split("\n", -1);
        Map<String, Position> behind = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            Matcher line = BEHIND.matcher(lines[i]);
            if (!line.matches()) {
                throw new IllegalArgumentException("not a sequence's place: " + lines[i]);
            }
            behind.put(line.group(1), PositionText.read(line.group(2)));
        }
        Matcher producer = WITH_PRODUCER.matcher(lines[0]);
        return producer.matches()
                ? new Bookmark(
                        PositionText.read(producer.group(2)),
                        OptionalLong.of(Long.parseLong(producer.group(1))),
                        behind)
                : new Bookmark(PositionText.read(lines[0]), OptionalLong.empty(), behind);
    }

    /** The same, with sequences there. */
    Bookmark behind(Map<String, Position> sequences) {
        return new Bookmark(position, producerId, sequences);
    }

    /** To begin its transaction once more, because somebody else ended it: for those that stopped in it, too. */
    Bookmark again() {
        Map<String, Position> begun = new TreeMap<>(behind);
        begun.replaceAll((sequence, place) -> place.commit().equals(position.commit()) ? begin(place) : place);
        return new Bookmark(begin(position), producerId, begun);
    }

    private static Position begin(Position place) {
        return place.moved(place.end(), place.snapshot());
    }

    /** A transaction of the source goes on. */
    boolean isInside() {
        return !position.commit().equals(Lsn.NONE);
    }

    /** From there on the slot must not let go of WAL; empty: from the position on. */
    Optional<Lsn> kept() {
        return behind.values().stream().map(Position::end).min(Comparator.naturalOrder());
    }

    /** To be shown: keys are data of the source. */
    Bookmark withoutKeys() {
        return new Bookmark(position.withoutKeys(), producerId, Map.of());
    }

    /** The same, with a position that says less. */
    Bookmark at(Position other) {
        return new Bookmark(other, producerId, behind);
    }

    String text() {
        String text = PositionText.write(position);
        var lines =
                new StringBuilder(producerId.isPresent() ? "producer=" + producerId.getAsLong() + " " + text : text);
        new TreeMap<>(behind)
                .forEach((sequence, place) ->
                        lines.append("\nbehind=").append(sequence).append(' ').append(PositionText.write(place)));
        return lines.toString();
    }
}
