package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Debezium, and the connector, write for a large value that an update left alone. A schema may not have room for that text: of
 * what stands for it there, bytes, a list of one and a map of one are known by it. Numbers that stand for it are not, nor are bits and
 * places.
 */
final class Placeholder {

    static final String TEXT = "__debezium_unavailable_value";

    private static final ByteBuffer BYTES =
            ByteBuffer.wrap(TEXT.getBytes(UTF_8)).asReadOnlyBuffer();
    private static final List<Object> ELEMENTS = List.of(TEXT);
    private static final Map<Object, Object> ENTRIES = Map.of(TEXT, TEXT);

    private Placeholder() {}

    static boolean is(@Nullable Object told) {
        return TEXT.equals(told);
    }

    static boolean isBytes(ByteBuffer bytes) {
        return BYTES.equals(bytes);
    }

    /** @param told a list or a map */
    static Object orItself(Object told) {
        return ELEMENTS.equals(told) || ENTRIES.equals(told) ? TEXT : told;
    }
}
