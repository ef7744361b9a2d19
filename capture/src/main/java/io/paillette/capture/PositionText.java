package io.paillette.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.SnapshotProgress.Segment;
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
 * The server is missing in what older versions stored. A table that was read in several segments has its {@code key} and the
 * {@code earlier} ones, each with the key it goes {@code upTo}; one that is being read stands in {@code reading}, and OIDs of
 * those to be read once more in {@code again}:
 *
 * <pre>{"oid":16385,"schema":"public","table":"t","snapshot":"750:750:","until":"0/16B3748",
 *  "key":[{"name":"id","type":23,"modifier":-1,"collation":0,"greater":521}],
 *  "earlier":[{"upTo":["100000"],"snapshot":"745:745:","until":"0/16B3700"}]}</pre>
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
            writeUnfinished(json, position.snapshot());
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
        write(json, table.last());
        if (table.mark() != 0) {
            json.writeNumberField("mark", table.mark());
        }
        if (!table.key().isEmpty()) {
            json.writeArrayFieldStart("key");
            for (KeyColumn column : table.key()) {
                write(json, column);
            }
            json.writeEndArray();
        }
        if (!table.earlier().isEmpty()) {
            json.writeArrayFieldStart("earlier");
            for (Segment segment : table.earlier()) {
                json.writeStartObject();
                write(json, segment);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Segment segment) throws IOException {
        if (!segment.upTo().isEmpty()) {
            json.writeArrayFieldStart("upTo");
            for (String value : segment.upTo()) {
                json.writeString(value);
            }
            json.writeEndArray();
        }
        json.writeStringField("snapshot", segment.snapshot());
        json.writeStringField("until", segment.until().toString());
    }

    private static void write(JsonGenerator json, KeyColumn column) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", column.name());
        json.writeNumberField("type", Integer.toUnsignedLong(column.typeOid()));
        json.writeNumberField("modifier", column.typeModifier());
        json.writeNumberField("collation", Integer.toUnsignedLong(column.collation()));
        json.writeNumberField("greater", Integer.toUnsignedLong(column.greater()));
        json.writeEndObject();
    }

    private static void writeUnfinished(JsonGenerator json, SnapshotProgress snapshot) throws IOException {
        if (snapshot.reading().isPresent()) {
            json.writeFieldName("reading");
            write(json, snapshot.reading().get());
        }
        if (!snapshot.again().isEmpty()) {
            json.writeArrayFieldStart("again");
            for (int oid : snapshot.again()) {
                json.writeNumber(Integer.toUnsignedLong(oid));
            }
            json.writeEndArray();
        }
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
        TableSnapshot reading = null;
        List<Integer> again = List.of();
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
                case "tables" -> tables = list(json, PositionText::readTable);
                case "reading" -> {
                    reading = table(json);
                    if (reading.key().isEmpty() || reading.last().upTo().isEmpty()) {
                        throw new IllegalArgumentException("\"snapshot.reading\" does not say how far");
                    }
                }
                case "again" -> again = list(json, PositionText::oid);
                default -> throw unknown("snapshot." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new SnapshotProgress(
                given("snapshot.complete", complete),
                given("snapshot.tables", tables),
                Optional.ofNullable(reading),
                again);
    }

    @FunctionalInterface
    private interface Item<T> {
        T read(JsonParser json) throws IOException;
    }

    private static <T> List<T> list(JsonParser json, Item<T> item) throws IOException {
        expect(json, JsonToken.START_ARRAY);
        List<T> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            items.add(item.read(json));
        }
        return items;
    }

    private static TableSnapshot readTable(JsonParser json) throws IOException {
        TableSnapshot table = table(json);
        if (!table.last().upTo().isEmpty()) {
            throw new IllegalArgumentException("table " + table.name() + " was not read to its end");
        }
        return table;
    }

    private static TableSnapshot table(JsonParser json) throws IOException {
        Integer oid = null;
        String schema = null;
        String table = null;
        String snapshot = null;
        Lsn until = null;
        List<String> upTo = List.of();
        List<KeyColumn> key = List.of();
        List<Segment> earlier = List.of();
        long mark = 0;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "oid" -> oid = oid(json);
                case "schema" -> schema = string(json);
                case "table" -> table = string(json);
                case "snapshot" -> snapshot = string(json);
                case "until" -> until = Lsn.parse(string(json));
                case "upTo" -> upTo = list(json, PositionText::string);
                case "key" -> key = list(json, PositionText::keyColumn);
                case "earlier" -> earlier = list(json, PositionText::segment);
                case "mark" -> mark = number(json, 0xFFFFFFFFL);
                default -> throw unknown("snapshot.tables." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        int width = key.size();
        if ((!upTo.isEmpty() && upTo.size() != width)
                || earlier.stream()
                        .anyMatch(segment ->
                                segment.upTo().isEmpty() || segment.upTo().size() != width)) {
            throw new IllegalArgumentException("a segment does not go up to a key of " + width + " columns");
        }
        return new TableSnapshot(
                given("oid", oid),
                new TableName(given("schema", schema), given("table", table)),
                key,
                earlier,
                new Segment(upTo, given("snapshot", snapshot), given("until", until)),
                mark);
    }

    private static Segment segment(JsonParser json) throws IOException {
        List<String> upTo = null;
        String snapshot = null;
        Lsn until = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "upTo" -> upTo = list(json, PositionText::string);
                case "snapshot" -> snapshot = string(json);
                case "until" -> until = Lsn.parse(string(json));
                default -> throw unknown("snapshot.tables.earlier." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new Segment(given("upTo", upTo), given("snapshot", snapshot), given("until", until));
    }

    private static KeyColumn keyColumn(JsonParser json) throws IOException {
        String name = null;
        Integer type = null;
        Integer modifier = null;
        Integer collation = null;
        Integer greater = null;
        expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "name" -> name = string(json);
                case "type" -> type = oid(json);
                case "modifier" -> modifier = modifier(json);
                case "collation" -> collation = oid(json);
                case "greater" -> greater = oid(json);
                default -> throw unknown("snapshot.tables.key." + field);
            }
        }
        expect(json, JsonToken.END_OBJECT);
        return new KeyColumn(
                given("name", name),
                given("type", type),
                given("modifier", modifier),
                given("collation", collation),
                given("greater", greater));
    }

    private static int oid(JsonParser json) throws IOException {
        return (int) number(json, 0xFFFFFFFFL);
    }

    private static int modifier(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        return json.getIntValue();
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
