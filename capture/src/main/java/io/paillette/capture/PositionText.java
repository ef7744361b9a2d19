package io.paillette.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link Position} as one line of JSON and reads it back; stored in the log's database and in Connect offsets.
 * Example:
 *
 * <pre>{"end":"0/16B3748","commit":"0/0","ordinal":0,"snapshot":{"complete":true,"tables":[]},
 *  "server":{"system":"7382019482211230001","timeline":1}}</pre>
 *
 * The server is missing in what older versions stored.
 *
 * Reading is strict: going on from a half-understood position would lose changes or repeat them.
 */
public final class PositionText {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private PositionText() {}

    public static String write(Position position) {
        var text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("end", position.end().toString());
            json.writeStringField("commit", position.commit().toString());
            json.writeNumberField("ordinal", position.ordinal());
            json.writeObjectFieldStart("snapshot");
            json.writeBooleanField("complete", position.snapshot().complete());
            json.writeArrayFieldStart("tables");
            for (TableSnapshot table : position.snapshot().tables()) {
                write(json, table);
            }
            json.writeEndArray();
            json.writeEndObject();
            if (position.server().isPresent()) {
                write(json, position.server().get());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException naming what is wrong with the text */
    public static Position read(String text) {
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            Position position = position(json);
            if (json.nextToken() != null) {
                throw new IllegalArgumentException("more text after the position");
            }
            return position;
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not a position: " + text + ": " + e.getMessage(), e);
        }
    }

    private static void write(JsonGenerator json, TableSnapshot table) throws IOException {
        json.writeStartObject();
        json.writeNumberField("oid", Integer.toUnsignedLong(table.oid()));
        json.writeStringField("schema", table.name().schema());
        json.writeStringField("table", table.name().table());
        json.writeStringField("snapshot", table.snapshot());
        json.writeStringField("until", table.until().toString());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ServerIdentity server) throws IOException {
        json.writeObjectFieldStart("server");
        json.writeStringField("system", server.system());
        json.writeNumberField("timeline", server.timeline());
        json.writeEndObject();
    }

    private static Position position(JsonParser json) throws IOException {
        Lsn end = null;
        Lsn commit = null;
        Long ordinal = null;
        SnapshotProgress snapshot = null;
        ServerIdentity server = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "end" -> end = Lsn.parse(string(json));
                case "commit" -> commit = Lsn.parse(string(json));
                case "ordinal" -> ordinal = number(json, Long.MAX_VALUE);
                case "snapshot" -> snapshot = snapshot(json);
                case "server" -> server = server(json);
                default -> throw unknown(field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new Position(
                given("end", end),
                given("commit", commit),
                given("ordinal", ordinal),
                given("snapshot", snapshot),
                Optional.ofNullable(server));
    }

    private static ServerIdentity server(JsonParser json) throws IOException {
        String system = null;
        Long timeline = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "system" -> system = string(json);
                case "timeline" -> timeline = number(json, 0xFFFFFFFFL);
                default -> throw unknown("server." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new ServerIdentity(given("server.system", system), given("server.timeline", timeline));
    }

    private static SnapshotProgress snapshot(JsonParser json) throws IOException {
        Boolean complete = null;
        List<TableSnapshot> tables = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            switch (field) {
                case "complete" -> {
                    if (!value.isBoolean()) {
                        throw new IllegalArgumentException("\"complete\" is not true or false");
                    }
                    complete = value == JsonToken.VALUE_TRUE;
                }
                case "tables" -> tables = tables(json);
                default -> throw unknown("snapshot." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new SnapshotProgress(given("snapshot.complete", complete), given("snapshot.tables", tables));
    }

    private static List<TableSnapshot> tables(JsonParser json) throws IOException {
        expect(json, JsonToken.START_ARRAY);
        List<TableSnapshot> tables = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            tables.add(table(json));
        }
        return tables;
    }

    private static TableSnapshot table(JsonParser json) throws IOException {
        Long oid = null;
        String schema = null;
        String table = null;
        String snapshot = null;
        Lsn until = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "oid" -> oid = number(json, 0xFFFFFFFFL);
                case "schema" -> schema = string(json);
                case "table" -> table = string(json);
                case "snapshot" -> snapshot = string(json);
                case "until" -> until = Lsn.parse(string(json));
                default -> throw unknown("snapshot.tables." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new TableSnapshot(
                given("oid", oid).intValue(),
                new TableName(given("schema", schema), given("table", table)),
                given("snapshot", snapshot),
                given("until", until));
    }

    private static String string(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static long number(JsonParser json, long max) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        long value = json.getLongValue();
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("\"" + json.currentName() + "\" is out of range: " + value);
        }
        return value;
    }

    private static <T> T given(String field, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("\"" + field + "\" is missing");
        }
        return value;
    }

    private static void expect(JsonParser json, JsonToken token) throws IOException {
        if (json.currentToken() != token) {
            throw new IllegalArgumentException("expected " + token + ", found " + json.currentToken()
                    + (json.currentName() == null ? "" : " in \"" + json.currentName() + "\""));
        }
    }

    private static IllegalArgumentException unknown(String field) {
        return new IllegalArgumentException("unknown field \"" + field + "\"; it may come from a newer version");
    }
}
