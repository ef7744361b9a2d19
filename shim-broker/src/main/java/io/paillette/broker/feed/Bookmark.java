package io.paillette.broker.feed;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the log keeps of a feed: where its source stands, and the producer id of the Kafka transaction that is open there, while
 * a transaction of the source is spread over several appends. Such a transaction outside of the source's own is to be aborted.
 *
 * <pre>{"end":"0/16B3748",...}
 *producer=4711 {"end":"0/16B3748","commit":"0/1A00F10","ordinal":20000,...}</pre>
 */
record Bookmark(Position position, OptionalLong producerId) {

    private static final Pattern WITH_PRODUCER = Pattern.compile("producer=(\\d{1,18}) (.*)", Pattern.DOTALL);

    static Bookmark between(Position position) {
        return new Bookmark(position, OptionalLong.empty());
    }

    static Bookmark inside(Position position, long producerId) {
        return new Bookmark(position, OptionalLong.of(producerId));
    }

    /** @throws IllegalArgumentException naming what is wrong with the text */
    static Bookmark read(String text) {
        Matcher producer = WITH_PRODUCER.matcher(text);
        return producer.matches()
                ? inside(PositionText.read(producer.group(2)), Long.parseLong(producer.group(1)))
                : between(PositionText.read(text));
    }

    /** To begin its transaction once more, because somebody else ended it. */
    Bookmark again() {
        return new Bookmark(position.moved(position.end(), position.snapshot()), producerId);
    }

    /** A transaction of the source goes on. */
    boolean isInside() {
        return !position.commit().equals(Lsn.NONE);
    }

    /** To be shown: keys are data of the source. */
    Bookmark withoutKeys() {
        return new Bookmark(position.withoutKeys(), producerId);
    }

    String text() {
        String text = PositionText.write(position);
        return producerId.isPresent() ? "producer=" + producerId.getAsLong() + " " + text : text;
    }
}
