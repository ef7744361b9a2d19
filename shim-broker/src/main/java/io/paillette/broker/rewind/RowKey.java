package io.paillette.broker.rewind;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What records of one row have in common. */
public sealed interface RowKey {

    /** Whether a record with such a key is of the row. */
    boolean matches(byte @Nullable [] key);

    /** For people. */
    String describe();

    /** Columns and their values, as text: {@code id=42}. A key that has them among others matches. */
    record Columns(Map<String, String> columns) implements RowKey {

        public Columns {
            columns = Map.copyOf(columns);
        }

        @Override
        public boolean matches(byte @Nullable [] key) {
            JsonNode object = RecordObject.of(key);
            return object != null
                    && columns.entrySet().stream().allMatch(column -> {
                        JsonNode value = object.get(column.getKey());
                        return value != null && value.asText().equals(column.getValue());
                    });
        }

        @Override
        public String describe() {
            return new TreeMap<>(columns).toString();
        }
    }

    /** As its sequence writes it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Exactly(byte[] key) implements RowKey {

        @Override
        public boolean matches(byte @Nullable [] other) {
            return Arrays.equals(key, other);
        }

        @Override
        public String describe() {
            return new String(key, UTF_8);
        }
    }

    /** @throws RefusedException saying what a key looks like */
    static RowKey parse(String text) throws RefusedException {
        var columns = new LinkedHashMap<String, String>();
        for (String part : text.split(",", -1)) {
            int sign = part.indexOf('=');
            if (sign < 1) {
                throw new RefusedException(
                        Why.INVALID,
                        "\"" + text + "\" is no key: write column=value, with commas between several, as in"
                                + " id=42 or tenant=7,id=42");
            }
            columns.put(part.substring(0, sign).strip(), part.substring(sign + 1));
        }
        return new Columns(columns);
    }
}
