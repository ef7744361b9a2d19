package io.paillette.connect.transforms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, strings, booleans and numbers, and the other way round. */
final class JsonText {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final int MOST_DECIMALS = 16_383;

    private JsonText() {}

    private interface Numbers {
        Object of(JsonParser parser) throws IOException;
    }

    /** @param value null: the JSON is {@code null} */
    record Read(@Nullable Object value) {}

    /** Empty: it is no JSON object. Numbers have all their digits. */
    static Optional<Read> object(String text) {
        return text.stripLeading().startsWith("{") ? read(text) : Optional.empty();
    }

    /**
     * Empty: it is no JSON. Numbers have all their digits.
     *
     * @throws DataException it has more than a thousand levels
     */
    static Optional<Read> read(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            Object value = value(parser, JsonText::exact);
            return parser.nextToken() == null ? Optional.of(new Read(value)) : Optional.empty();
        } catch (StreamConstraintsException e) { // it may be JSON, so it is not told as if it were none
            throw new DataException("JSON that is too deep to be read: " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            return Optional.empty(); // which is an answer
        } catch (IOException e) { // of text in memory
            throw new UncheckedIOException(e);
        }
    }

    /**
     * As a converter takes it without a schema: whole numbers are longs, others doubles, and what is neither exactly is a string
     * with all its digits.
     */
    static @Nullable Object schemaless(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return value(parser, JsonText::held);
        } catch (JsonProcessingException e) { // which quotes it, and it is made of values
            throw new DataException("what a function returned is no JSON, at byte "
                    + e.getLocation().getByteOffset());
        } catch (IOException e) { // of bytes in memory
            throw new UncheckedIOException(e);
        }
    }

    private static Object exact(JsonParser parser) throws IOException {
        return isLong(parser) ? (Object) parser.getLongValue() : new JsonNumber(parser.getText());
    }

    private static Object held(JsonParser parser) throws IOException {
        return isLong(parser) ? (Object) parser.getLongValue() : new JsonNumber(parser.getText()).held();
    }

    private static boolean isLong(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    }

    private static @Nullable Object value(JsonParser parser, Numbers numbers) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser, numbers);
            case START_ARRAY -> {
                var list = new ArrayList<Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser, numbers));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> numbers.of(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new IllegalStateException("a token where a value begins: " + token);
        };
    }

    private static Map<String, Object> object(JsonParser parser, Numbers numbers) throws IOException {
        var map = new LinkedHashMap<String, Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            map.put(name, value(parser, numbers));
        }
        return map;
    }

    /** @param tree as {@link PlainValue} has it */
    static byte[] write(@Nullable Object tree) {
        var out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            write(json, tree);
        } catch (IOException e) { // of bytes in memory
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, @Nullable Object tree) throws IOException {
        if (tree instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (var entry : map.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (tree instanceof Iterable<?> elements) {
            json.writeStartArray();
            for (Object element : elements) {
                write(json, element);
            }
            json.writeEndArray();
        } else if (tree instanceof String text) {
            json.writeString(text);
        } else if (tree instanceof Boolean is) {
            json.writeBoolean(is);
        } else if (tree instanceof JsonNumber number) {
            json.writeNumber(number.text());
        } else if (tree instanceof Number number) {
            json.writeNumber(text(number));
        } else {
            json.writeNull();
        }
    }

    /** Digits are written out as far as Postgres has them behind the point: a schema may say a scale of a thousand millions. */
    private static String text(Number number) {
        return number instanceof BigDecimal decimal && decimal.scale() >= 0 && decimal.scale() <= MOST_DECIMALS
                ? decimal.toPlainString()
                : number.toString();
    }
}
