package io.paillette.connect;

import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A position as Connect stores it: {@code {"position": "<one line of JSON>"}}. Written only when Connect flushes, which is
 * for one record of many.
 */
final class SourceOffset extends AbstractMap<String, Object> {

    private static final String KEY = "position";

    private final Position position;

    SourceOffset(Position position) {
        this.position = position;
    }

    /**
     * @param predecessor makes a position of what Debezium stored
     * @throws IllegalArgumentException when neither this connector nor Debezium stored {@code offset}
     */
    static Position read(Map<String, Object> offset, Function<Map<String, Object>, Position> predecessor) {
        if (offset.get(KEY) instanceof String text) {
            return PositionText.read(text);
        }
        if (DebeziumOffset.isOne(offset)) {
            return predecessor.apply(offset);
        }
        throw new IllegalArgumentException("the offset " + offset + " has no \"" + KEY
                + "\", so it is not this connector's: give the connector another topic.prefix, or remove its offsets");
    }

    /**
     * The same of what somebody gives, who may have misspelt it: a field that says nothing to us would be forgotten. Debezium's
     * has fields that we do not need, and other ones in other versions.
     */
    static Position given(Map<String, Object> offset, Function<Map<String, Object>, Position> predecessor) {
        if (offset.containsKey(KEY) && !offset.keySet().equals(Set.of(KEY))) {
            throw new IllegalArgumentException("the offset " + offset + " has more fields than \"" + KEY + "\"");
        }
        if (offset.get(KEY) != null && !(offset.get(KEY) instanceof String)) {
            throw new IllegalArgumentException("\"" + KEY + "\" of the offset " + offset
                    + " must be a string that holds JSON, as GET /connectors/name/offsets tells it");
        }
        return read(offset, predecessor);
    }

    Position position() {
        return position;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return Set.of(Map.entry(KEY, PositionText.write(position)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceOffset offset ? position.equals(offset.position) : super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
