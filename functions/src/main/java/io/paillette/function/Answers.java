package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Routing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads what functions answer as JSON, and says what is wrong with it. */
final class Answers {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** What {@code route} may say. */
    static final String ROUTING = "topic, key, partition and headers";

    private final byte[] answer;
    private final JsonParser parser;
    private final Where where;

    private Answers(byte[] answer, JsonParser parser, Where where) {
        this.answer = answer;
        this.parser = parser;
        this.where = where;
    }

    private interface Reading<T> {
        T from(Answers answers) throws IOException, FunctionException;
    }

    static boolean isKept(byte[] answer, Where where) throws FunctionException {
        return read(answer, where, answers -> answers.kept());
    }

    /** Null: a tombstone. */
    static byte @Nullable [] value(byte[] answer, Where where) throws FunctionException {
        boolean isNull = read(answer, where, answers -> answers.skipped() == JsonToken.VALUE_NULL);
        return isNull ? null : answer;
    }

    static Routing routing(byte[] answer, Where where) throws FunctionException {
        return read(answer, where, Answers::routing);
    }

    private static <T> T read(byte[] answer, Where where, Reading<T> reading) throws FunctionException {
        try (JsonParser parser = JSON.createParser(answer)) {
            T read = reading.from(new Answers(answer, parser, where));
            if (parser.nextToken() != null) {
                throw where.says("it returned more than one JSON value", null);
            }
            return read;
        } catch (JsonProcessingException e) {
            throw where.says("it returned no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) { // of bytes in memory
            throw new UncheckedIOException(e);
        }
    }

    private boolean kept() throws IOException, FunctionException {
        JsonToken token = skipped();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw wrong(token, FunctionName.FILTER);
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** Reads the next value to its end. */
    private JsonToken skipped() throws IOException, FunctionException {
        JsonToken token = next();
        parser.skipChildren();
        parser.finishToken();
        return token;
    }

    private JsonToken next() throws IOException, FunctionException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw where.says("it returned no JSON but an empty text", null);
        }
        return token;
    }

    private Routing routing() throws IOException, FunctionException {
        JsonToken token = next();
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            throw where.says(
                    "it returned " + told(token) + "; " + FunctionName.ROUTE.wanted() + " with any of " + ROUTING,
                    null);
        }
        Optional<String> topic = Optional.empty();
        Optional<Outcome.Key> key = Optional.empty();
        OptionalInt partition = OptionalInt.empty();
        List<Header> headers = List.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            token = next();
            switch (name) {
                case "key" -> key = Optional.of(key(token));
                case "partition" -> partition = OptionalInt.of(partition(token));
                case "headers" -> headers = headers(token);
                case "topic" -> topic = Optional.of(topic(token));
                default ->
                    throw where.says(
                            "it returned an object with \"" + name + "\"; what it may have is " + ROUTING, null);
            }
        }
        return new Routing(topic, key, partition, headers);
    }

    private String topic(JsonToken token) throws IOException, FunctionException {
        if (token != JsonToken.VALUE_STRING || parser.getText().isEmpty()) {
            throw where.says("topic has to be the name of one, and is " + told(token), null);
        }
        return parser.getText();
    }

    private Outcome.Key key(JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return new Outcome.Key(null, true);
        }
        if (token == JsonToken.VALUE_STRING) {
            return new Outcome.Key(parser.getText().getBytes(UTF_8), false);
        }
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        return new Outcome.Key(
                Arrays.copyOfRange(answer, from, (int) parser.currentLocation().getByteOffset()), true);
    }

    private int partition(JsonToken token) throws IOException, FunctionException {
        if (token == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && parser.getIntValue() >= 0) {
            return parser.getIntValue();
        }
        throw where.says("partition has to be a whole number from 0, and is " + told(token), null);
    }

    private List<Header> headers(JsonToken token) throws IOException, FunctionException {
        if (token != JsonToken.START_OBJECT) {
            throw where.says("headers has to be an object of strings, and is " + told(token), null);
        }
        var headers = new ArrayList<Header>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = next();
            if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NULL) {
                throw where.says("header " + name + " has to be a string or null, and is " + told(value), null);
            }
            headers.add(new Header(name, value == JsonToken.VALUE_NULL ? null : parser.getText()));
        }
        return headers;
    }

    private FunctionException wrong(JsonToken token, FunctionName function) {
        return where.says("it returned " + told(token) + "; " + function.wanted(), null);
    }

    private static String told(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "no value";
        };
    }
}
