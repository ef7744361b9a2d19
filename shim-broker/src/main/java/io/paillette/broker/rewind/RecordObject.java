package io.paillette.broker.rewind;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/** Keys and values that are JSON objects, with every digit of their numbers. */
final class RecordObject {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private RecordObject() {}

    /** Null where it is none. */
    static @Nullable JsonNode of(byte @Nullable [] text) {
        if (text == null || text.length == 0 || text[0] != '{') {
            return null;
        }
        try {
            JsonNode read = JSON.readTree(new String(text, UTF_8));
            return read.isObject() ? read : null;
        } catch (JsonProcessingException e) {
            return null; // whatever a producer has there is no row of a table
        }
    }
}
