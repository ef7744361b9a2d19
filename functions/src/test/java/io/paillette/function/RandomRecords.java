package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.paillette.function.Outcome.Kept;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Random values through functions that return the record, whose language reads and writes it as text. */
final class RandomRecords {

    private static final int CHANGES = 200;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    void comeBackFrom(Functions functions) throws Exception {
        for (int i = 0; i < CHANGES; i++) {
            Object record = object(0);
            String text = text(record);
            String change = "{\"record\":" + text + ",\"changes\":null,\"action\":\"insert\",\"metadata\":{}}";
            byte[] value = Objects.requireNonNull(((Kept) functions.call(change.getBytes(UTF_8))).value());
            assertThat(read(value)).as("-Dseed=%d, %s", seed, text).isEqualTo(record);
        }
    }

    private @Nullable Object value(int depth) {
        return switch (random.nextInt(depth > 4 ? 5 : 8)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> number(BigDecimal.valueOf(random.nextLong() >> random.nextInt(64) >> 11));
            case 3 -> number(BigDecimal.valueOf(random.nextInt(), random.nextInt(8)));
            case 4 -> string();
            case 5 -> array(depth);
            default -> object(depth);
        };
    }

    private List<@Nullable Object> array(int depth) {
        var array = new ArrayList<@Nullable Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            array.add(value(depth + 1));
        }
        return array;
    }

    private Map<String, @Nullable Object> object(int depth) {
        var object = new TreeMap<String, @Nullable Object>();
        for (int i = random.nextInt(6); i > 0; i--) {
            object.put(string(), value(depth + 1));
        }
        return object;
    }

    private String string() {
        var string = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            int point = random.nextInt(1 << (1 + random.nextInt(20)));
            string.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
        }
        return string.toString();
    }

    private String text(@Nullable Object value) {
        if (value instanceof Map<?, ?> object) {
            var members = new ArrayList<String>();
            object.forEach((name, member) -> members.add(quoted((String) name) + space() + ":" + text(member)));
            return "{" + String.join("," + space(), members) + space() + "}";
        }
        if (value instanceof List<?> array) {
            return "[" + space()
                    + String.join(space() + ",", array.stream().map(this::text).toList()) + "]";
        }
        return value instanceof String string ? quoted(string) : String.valueOf(value);
    }

    private String space() {
        return " \n\t\r".substring(random.nextInt(5));
    }

    private String quoted(String string) {
        var text = new StringBuilder("\"");
        string.chars().forEach(unit -> {
            if (unit < ' ' || unit == '"' || unit == '\\' || random.nextInt(8) == 0) {
                text.append(String.format(Locale.ROOT, "\\u%04x", unit));
            } else {
                text.append((char) unit);
            }
        });
        // Half of a pair as it is beside an escaped one is no UTF-8: then both are escaped.
        return isWhole(text) ? text.append('"').toString() : escaped(string);
    }

    private static boolean isWhole(CharSequence text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    private static String escaped(String string) {
        var text = new StringBuilder("\"");
        string.chars().forEach(unit -> text.append(String.format(Locale.ROOT, "\\u%04x", unit)));
        return text.append('"').toString();
    }

    private static @Nullable Object read(byte[] json) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            return read(parser, parser.nextToken());
        }
    }

    private static @Nullable Object read(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case START_OBJECT -> {
                var object = new TreeMap<String, @Nullable Object>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    object.put(name, read(parser, parser.nextToken()));
                }
                return object;
            }
            case START_ARRAY -> {
                var array = new ArrayList<@Nullable Object>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    array.add(read(parser, next));
                }
                return array;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                return number(parser.getDecimalValue());
            }
            case VALUE_NULL -> {
                return null;
            }
            default -> {
                return token == JsonToken.VALUE_STRING ? parser.getText() : parser.getBooleanValue();
            }
        }
    }

    /** Of which there is one for each value. */
    private static BigDecimal number(BigDecimal number) {
        return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    }
}
