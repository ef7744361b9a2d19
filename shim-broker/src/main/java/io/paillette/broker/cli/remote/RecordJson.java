package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/** JSON of records, with every digit of its numbers. */
final class RecordJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    /** Of objects that are written anew: nothing of them may get lost. */
    private static final ObjectMapper EXACT = JSON.rebuild()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private RecordJson() {}

    /** Null where it is none. */
    static @Nullable JsonNode read(byte @Nullable [] text) {
        if (text == null) {
            return null;
        }
        try {
            return JSON.readTree(new String(text, UTF_8));
        } catch (JsonProcessingException e) {
            return null; // what a producer, or somebody's file, has there; said by who asks
        }
    }

    /**
     * Null where it is no object, or one that would come out as another: with text behind it, a name twice, half a character, or a
     * number that cannot be written with all its digits.
     */
    static @Nullable JsonNode exactObject(byte[] text) {
        try {
            JsonNode read = EXACT.readTree(new String(text, UTF_8));
            if (!read.isObject()) {
                return null;
            }
            // Half a character, which an escape can say, is one that no bytes can.
            return UTF_8.newEncoder().canEncode(EXACT.writeValueAsString(read)) ? read : null;
        } catch (JsonProcessingException e) {
            return null; // as with the other
        }
    }

    /** Null where it is no object. */
    static @Nullable JsonNode object(byte @Nullable [] text) {
        JsonNode read = text == null || text.length == 0 || text[0] != '{' ? null : read(text);
        return read != null && read.isObject() ? read : null;
    }

    /** On one line. */
    static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is to be answered cannot be written", e);
        }
    }
}
