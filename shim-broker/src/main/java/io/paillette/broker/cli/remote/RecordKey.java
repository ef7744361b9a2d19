package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Columns of a row's key and their values, as text: {@code id=42}. */
record RecordKey(Map<String, String> columns) {

    RecordKey {
        columns = Map.copyOf(columns);
    }

    /** @throws RefusedException saying what a key looks like */
    static RecordKey parse(String text) throws RefusedException {
        var columns = new LinkedHashMap<String, String>();
        for (String part : text.split(",", -1)) {
            int sign = part.indexOf('=');
            if (sign < 1) {
                throw new RefusedException(
                        "\"" + text + "\" is no key: write column=value, with commas between several, as in"
                                + " id=42 or tenant=7,id=42");
            }
            columns.put(part.substring(0, sign).strip(), part.substring(sign + 1));
        }
        return new RecordKey(columns);
    }

    /** Whether a record is of such a row: its key is a JSON object that has these values among others. */
    boolean matches(byte @Nullable [] key) {
        JsonNode object = RecordJson.object(key);
        return object != null
                && columns.entrySet().stream().allMatch(column -> {
                    JsonNode value = object.get(column.getKey());
                    return value != null && value.asText().equals(column.getValue());
                });
    }
}
