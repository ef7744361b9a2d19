package io.paillette.capture;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import java.io.IOException;
import java.util.List;

/** The part of a position's text that says how far tables are read; see {@link PositionText}. */
final class SnapshotText {

    private SnapshotText() {}

    static void write(JsonGenerator json, SnapshotProgress snapshot) throws IOException {
        json.writeStartObject();
        json.writeBooleanField("complete", snapshot.complete());
        json.writeArrayFieldStart("tables");
        for (TableSnapshot table : snapshot.tables()) {
            write(json, table);
        }
        json.writeEndArray();
        writeUnfinished(json, snapshot);
        json.writeEndObject();
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

    static void write(JsonGenerator json, KeyColumn column) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", column.name());
        json.writeNumberField("type", Integer.toUnsignedLong(column.typeOid()));
        json.writeNumberField("modifier", column.typeModifier());
        json.writeNumberField("collation", Integer.toUnsignedLong(column.collation()));
        json.writeNumberField("greater", Integer.toUnsignedLong(column.greater()));
        json.writeEndObject();
    }

    /** A single one as versions write and read it that know of no more. */
    private static void writeReading(JsonGenerator json, List<TableSnapshot> reading) throws IOException {
        if (reading.size() == 1) {
            json.writeFieldName("reading");
            write(json, reading.get(0));
        } else if (!reading.isEmpty()) {
            json.writeArrayFieldStart("reading");
            for (TableSnapshot table : reading) {
                write(json, table);
            }
            json.writeEndArray();
        }
    }

    private static List<TableSnapshot> reading(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return List.of(unfinished(json));
        }
        List<TableSnapshot> all = StrictJson.list(json, SnapshotText::unfinished);
        if (all.stream().map(TableSnapshot::oid).distinct().count() != all.size()) {
            throw new IllegalArgumentException("\"snapshot.reading\" has a table twice");
        }
        return all;
    }

    private static TableSnapshot unfinished(JsonParser json) throws IOException {
        TableSnapshot table = table(json);
        if (table.key().isEmpty() || table.last().upTo().isEmpty()) {
            throw new IllegalArgumentException("\"snapshot.reading\" does not say how far");
        }
        return table;
    }

    private static void writeUnfinished(JsonGenerator json, SnapshotProgress snapshot) throws IOException {
        writeReading(json, snapshot.reading());
        if (!snapshot.again().isEmpty()) {
            json.writeArrayFieldStart("again");
            for (int oid : snapshot.again()) {
                json.writeNumber(Integer.toUnsignedLong(oid));
            }
            json.writeEndArray();
        }
        if (snapshot.nextSignal() != 0) {
            json.writeNumberField("nextSignal", snapshot.nextSignal());
        }
        if (!snapshot.backfills().isEmpty()) {
            json.writeArrayFieldStart("backfills");
            for (BackfillProgress backfill : snapshot.backfills()) {
                BackfillText.write(json, backfill);
            }
            json.writeEndArray();
        }
    }

    /** @throws IllegalArgumentException naming what is wrong */
    static SnapshotProgress read(JsonParser json) throws IOException {
        Boolean complete = null;
        List<TableSnapshot> tables = null;
        List<TableSnapshot> reading = List.of();
        List<Integer> again = List.of();
        List<BackfillProgress> backfills = List.of();
        long nextSignal = 0;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "complete" -> complete = StrictJson.bool(json);
                case "tables" -> tables = StrictJson.list(json, SnapshotText::readTable);
                case "reading" -> reading = reading(json);
                case "again" -> again = StrictJson.list(json, StrictJson::oid);
                case "nextSignal" -> nextSignal = StrictJson.number(json, Long.MAX_VALUE);
                case "backfills" -> backfills = StrictJson.list(json, BackfillText::read);
                default -> throw StrictJson.unknown("snapshot." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new SnapshotProgress(
                StrictJson.given("snapshot.complete", complete),
                StrictJson.given("snapshot.tables", tables),
                reading,
                again,
                backfills,
                nextSignal);
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
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "oid" -> oid = StrictJson.oid(json);
                case "schema" -> schema = StrictJson.string(json);
                case "table" -> table = StrictJson.string(json);
                case "snapshot" -> snapshot = StrictJson.string(json);
                case "until" -> until = Lsn.parse(StrictJson.string(json));
                case "upTo" -> upTo = StrictJson.list(json, StrictJson::string);
                case "key" -> key = StrictJson.list(json, SnapshotText::keyColumn);
                case "earlier" -> earlier = StrictJson.list(json, SnapshotText::segment);
                case "mark" -> mark = StrictJson.number(json, 0xFFFFFFFFL);
                default -> throw StrictJson.unknown("snapshot.tables." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        int width = key.size();
        if ((!upTo.isEmpty() && upTo.size() != width)
                || earlier.stream()
                        .anyMatch(segment ->
                                segment.upTo().isEmpty() || segment.upTo().size() != width)) {
            throw new IllegalArgumentException("a segment does not go up to a key of " + width + " columns");
        }
        return new TableSnapshot(
                StrictJson.given("oid", oid),
                new TableName(StrictJson.given("schema", schema), StrictJson.given("table", table)),
                key,
                earlier,
                new Segment(upTo, StrictJson.given("snapshot", snapshot), StrictJson.given("until", until)),
                mark);
    }

    private static Segment segment(JsonParser json) throws IOException {
        List<String> upTo = null;
        String snapshot = null;
        Lsn until = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "upTo" -> upTo = StrictJson.list(json, StrictJson::string);
                case "snapshot" -> snapshot = StrictJson.string(json);
                case "until" -> until = Lsn.parse(StrictJson.string(json));
                default -> throw StrictJson.unknown("snapshot.tables.earlier." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new Segment(
                StrictJson.given("upTo", upTo),
                StrictJson.given("snapshot", snapshot),
                StrictJson.given("until", until));
    }

    static KeyColumn keyColumn(JsonParser json) throws IOException {
        String name = null;
        Integer type = null;
        Integer modifier = null;
        Integer collation = null;
        Integer greater = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "name" -> name = StrictJson.string(json);
                case "type" -> type = StrictJson.oid(json);
                case "modifier" -> modifier = StrictJson.modifier(json);
                case "collation" -> collation = StrictJson.oid(json);
                case "greater" -> greater = StrictJson.oid(json);
                default -> throw StrictJson.unknown("snapshot.tables.key." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new KeyColumn(
                StrictJson.given("name", name),
                StrictJson.given("type", type),
                StrictJson.given("modifier", modifier),
                StrictJson.given("collation", collation),
                StrictJson.given("greater", greater));
    }
}
