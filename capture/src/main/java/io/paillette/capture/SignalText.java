package io.paillette.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.paillette.capture.Signal.Action;
import io.paillette.capture.Signal.Condition;
import io.paillette.capture.column.RegexList;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads signals as Debezium's users write them (debezium.io: Sending signals to a Debezium connector). */
final class SignalText {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String EVERY_TABLE = ".*";

    private SignalText() {}

    /** All that the data of any signal may have. */
    private record Data(
            @Nullable List<String> tables, List<Condition> conditions, String filter, @Nullable String message) {

        static final Data NONE = new Data(null, List.of(), "", null);
    }

    static Signal signal(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            String id = "";
            String type = null;
            Data data = Data.NONE;
            StrictJson.expect(parser, JsonToken.START_OBJECT);
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                parser.nextToken();
                switch (field) {
                    case "id" -> id = StrictJson.string(parser);
                    case "type" -> type = StrictJson.string(parser);
                    case "data" -> data = data(parser);
                    default -> parser.skipChildren();
                }
            }
            return new Signal(id, action(StrictJson.given("type", type), data));
        } catch (IOException e) {
            throw new IllegalArgumentException("it is not a JSON object: " + e.getMessage(), e);
        }
    }

    static Action action(String type, String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return action(type, data(parser));
        } catch (IOException e) {
            throw new IllegalArgumentException("its data is not a JSON object: " + e.getMessage(), e);
        }
    }

    private static Action action(String type, Data data) {
        return switch (type) {
            case "execute-snapshot" -> execute(data);
            case "stop-snapshot" -> new Action.Stop(regexes(data.tables() == null ? List.of() : data.tables()));
            case "pause-snapshot" -> new Action.Pause();
            case "resume-snapshot" -> new Action.Resume();
            case "log" -> new Action.Log(StrictJson.given("message", data.message()));
            default ->
                throw new IllegalArgumentException(
                        "its type \"" + type + "\" is none of execute-snapshot, stop-snapshot,"
                                + " pause-snapshot, resume-snapshot and log");
        };
    }

    private static Action execute(Data data) {
        if (data.tables() == null || data.tables().isEmpty()) {
            throw new IllegalArgumentException("\"data-collections\" names no table");
        }
        List<Condition> conditions = data.filter().isEmpty()
                ? data.conditions()
                : List.of(new Condition(regexes(List.of(EVERY_TABLE)), data.filter()));
        return new Action.Execute(regexes(data.tables()), conditions);
    }

    /** What Debezium knows and does not matter here (chunks have no surrogate key) may be there; what nobody knows may not. */
    private static Data data(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return Data.NONE;
        }
        List<String> tables = null;
        List<Condition> conditions = List.of();
        String filter = "";
        String message = null;
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("its data is not a JSON object");
        }
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "data-collections" -> tables = StrictJson.list(json, SignalText::table);
                case "type" -> requireKnown(StrictJson.string(json));
                case "additional-condition" -> filter = where(StrictJson.string(json));
                case "additional-conditions" -> conditions = StrictJson.list(json, SignalText::condition);
                case "message" -> message = StrictJson.string(json);
                case "surrogate-key" -> json.skipChildren();
                default ->
                    throw new IllegalArgumentException("\"" + field + "\" is none of data-collections, type,"
                            + " additional-conditions, surrogate-key and message");
            }
        }
        return new Data(tables, conditions, filter, message);
    }

    private static String table(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new IllegalArgumentException("\"data-collections\" is not a list of strings");
        }
        return json.getText();
    }

    /** Neither kind holds up the stream here. */
    private static void requireKnown(String kind) {
        if (!kind.equalsIgnoreCase("incremental") && !kind.equalsIgnoreCase("blocking")) {
            throw new IllegalArgumentException(
                    "the snapshot's type \"" + kind + "\" is neither incremental nor blocking");
        }
    }

    private static Condition condition(JsonParser json) throws IOException {
        String tables = null;
        String filter = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "data-collection" -> tables = StrictJson.string(json);
                case "filter" -> filter = StrictJson.string(json);
                default ->
                    throw new IllegalArgumentException(
                            "\"" + field + "\" of a condition is neither data-collection nor filter");
            }
        }
        return new Condition(
                regexes(List.of(StrictJson.given("data-collection", tables))),
                where(StrictJson.given("filter", filter)));
    }

    private static String where(String filter) {
        String condition = filter.strip();
        if (condition.toLowerCase(Locale.ROOT).startsWith("select ")) {
            throw new IllegalArgumentException("\"filter\" must be what follows WHERE, not a SELECT: " + condition);
        }
        if (condition.codePointCount(0, condition.length()) > Backfill.LONGEST_CONDITION) {
            throw new IllegalArgumentException(
                    "\"filter\" has more than " + Backfill.LONGEST_CONDITION + " characters");
        }
        return condition;
    }

    private static RegexList regexes(List<String> texts) {
        return new RegexList(texts.stream()
                .map(String::strip)
                .map(text -> RegexList.pattern("data-collections", text))
                .toList());
    }
}
