package io.paillette.capture;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads values of JSON that must be just so; each method throws {@link IllegalArgumentException} naming what is not. */
final class StrictJson {

    private StrictJson() {}

    @FunctionalInterface
    interface Item<T> {
        T read(JsonParser json) throws IOException;
    }

    static <T> List<T> list(JsonParser json, Item<T> item) throws IOException {
        expect(json, JsonToken.START_ARRAY);
        List<T> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            items.add(item.read(json));
        }
        return items;
    }

    static int oid(JsonParser json) throws IOException {
        return (int) number(json, 0xFFFFFFFFL);
    }

    static int modifier(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        return json.getIntValue();
    }

    static boolean bool(JsonParser json) throws IOException {
        if (!json.currentToken().isBoolean()) {
            throw new IllegalArgumentException("\"" + json.currentName() + "\" is not true or false");
        }
        return json.getBooleanValue();
    }

    static String string(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_STRING);
        return json.getText();
    }

    static long number(JsonParser json, long max) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        long value = json.getLongValue();
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("\"" + json.currentName() + "\" is out of range: " + value);
        }
        return value;
    }

    static <T> T given(String field, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("\"" + field + "\" is missing");
        }
        return value;
    }

    static void expect(JsonParser json, JsonToken token) throws IOException {
        if (json.currentToken() != token) {
            throw new IllegalArgumentException("expected " + token + ", found " + json.currentToken()
                    + (json.currentName() == null ? "" : " in \"" + json.currentName() + "\""));
        }
    }

    static IllegalArgumentException unknown(String field) {
        return new IllegalArgumentException("unknown field \"" + field + "\"; it may come from a newer version");
    }
}
