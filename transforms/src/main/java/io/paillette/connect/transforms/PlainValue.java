package io.paillette.connect.transforms;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * A value of Connect as what JSON has: maps with strings as keys, lists, strings, booleans and exact numbers. What a schema's name
 * means is told as the broker tells it in plain JSON; bytes are base64, as {@code JsonConverter} has them.
 */
final class PlainValue {

    private static final String DEBEZIUM_TIME = "io.debezium.time.";
    private static final String DEBEZIUM_JSON = "io.debezium.data.Json";
    private static final long DAY_MS = 86_400_000;

    private PlainValue() {}

    /** @throws DataException naming the field, where JSON has nothing for it */
    static @Nullable Object of(@Nullable Schema schema, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        String name = schema == null ? null : schema.name();
        if (DEBEZIUM_JSON.equals(name) && value instanceof String text) {
            Optional<JsonText.Read> json = JsonText.read(text);
            return json.isPresent() ? json.get().value() : text;
        }
        Object named = name == null ? null : named(name, value);
        return named == null ? unnamed(schema, value) : named;
    }

    /** Null: the name says nothing that matters here. */
    private static @Nullable Object named(String name, Object value) {
        if (name.startsWith(DEBEZIUM_TIME) && value instanceof Number number) {
            return time(name.substring(DEBEZIUM_TIME.length()), number.longValue());
        }
        return switch (name) {
            case "io.debezium.data.VariableScaleDecimal" ->
                value instanceof Struct decimal
                        ? new BigDecimal(new BigInteger(decimal.getBytes("value")), decimal.getInt32("scale"))
                        : null;
            case org.apache.kafka.connect.data.Date.LOGICAL_NAME ->
                value instanceof Date date
                        ? instant(date).atZone(ZoneOffset.UTC).toLocalDate().toString()
                        : null;
            case org.apache.kafka.connect.data.Time.LOGICAL_NAME ->
                value instanceof Date time
                        ? PlainTime.time(Math.floorMod(instant(time).toEpochMilli(), DAY_MS), 1_000)
                        : null;
            default -> null;
        };
    }

    private static @Nullable Object time(String name, long value) {
        return switch (name) {
            case "Date" -> PlainTime.date(value);
            case "Time" -> PlainTime.time(value, 1_000);
            case "MicroTime" -> PlainTime.time(value, 1_000_000);
            case "NanoTime" -> PlainTime.time(value, 1_000_000_000);
            case "Timestamp" -> PlainTime.timestamp(value, 1_000);
            case "MicroTimestamp" -> PlainTime.timestamp(value, 1_000_000);
            case "NanoTimestamp" -> PlainTime.timestamp(value, 1_000_000_000);
            default -> null;
        };
    }

    private static Object unnamed(@Nullable Schema schema, Object value) {
        if (value instanceof Struct struct) {
            return struct(struct);
        }
        if (value instanceof Map<?, ?> map) {
            return Placeholder.orItself(map(schema, map));
        }
        if (value instanceof Collection<?> elements) {
            return Placeholder.orItself(list(schema, elements));
        }
        if (value instanceof byte[] bytes) {
            return bytes(ByteBuffer.wrap(bytes));
        }
        if (value instanceof ByteBuffer buffer) {
            return bytes(buffer);
        }
        if (value instanceof Date date) {
            return instant(date).toString();
        }
        if ((value instanceof Double || value instanceof Float) && !Double.isFinite(((Number) value).doubleValue())) {
            return value.toString(); // JSON has no number for it
        }
        if (value instanceof String || value instanceof Boolean || value instanceof Number) {
            return value;
        }
        throw new DataException(
                "there is no JSON for a value of " + value.getClass().getName());
    }

    /** Of those that JDBC makes, some have no {@code toInstant}; and Connect's own have milliseconds. */
    @SuppressWarnings("JavaUtilDate") // which is what Connect has
    private static Instant instant(Date date) {
        return Instant.ofEpochMilli(date.getTime());
    }

    private static String bytes(ByteBuffer buffer) {
        if (Placeholder.isBytes(buffer)) {
            return Placeholder.TEXT;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A null is told as one, though its field may have a default. */
    private static Object struct(Struct struct) {
        var map = new LinkedHashMap<String, Object>();
        for (Field field : struct.schema().fields()) {
            map.put(field.name(), part(field.name(), field.schema(), struct.getWithoutDefault(field.name())));
        }
        return map;
    }

    private static Object map(@Nullable Schema schema, Map<?, ?> of) {
        var map = new LinkedHashMap<String, Object>();
        of.forEach((key, value) -> {
            if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
                throw new DataException("there is no JSON for a map with "
                        + (key == null ? "null" : "a value of " + key.getClass().getName()) + " as key");
            }
            map.put(key.toString(), part(key.toString(), schema == null ? null : schema.valueSchema(), value));
        });
        return map;
    }

    private static List<Object> list(@Nullable Schema schema, Collection<?> elements) {
        var list = new ArrayList<Object>(elements.size());
        for (Object element : elements) {
            list.add(of(schema == null ? null : schema.valueSchema(), element));
        }
        return list;
    }

    private static @Nullable Object part(String name, @Nullable Schema schema, @Nullable Object value) {
        try {
            return of(schema, value);
        } catch (DataException e) {
            throw Untold.because(name + ": ", e);
        } catch (RuntimeException e) {
            throw Untold.because(name + ": a value that its type does not have, ", e);
        }
    }
}
