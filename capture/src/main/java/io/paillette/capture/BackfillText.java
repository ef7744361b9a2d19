package io.paillette.capture;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The part of a position's text that says how far backfills are; see {@link PositionText}. */
final class BackfillText {

    private BackfillText() {}

    static void write(JsonGenerator json, BackfillProgress progress) throws IOException {
        Backfill asked = progress.asked();
        json.writeStartObject();
        json.writeStringField("id", asked.id());
        json.writeStringField("schema", asked.table().schema());
        json.writeStringField("table", asked.table().table());
        json.writeStringField("where", asked.where());
        if (!asked.into().isEmpty()) { // else a reader of before can go on with it
            json.writeStringField("into", asked.into());
        }
        json.writeBooleanField("paused", asked.paused());
        json.writeStringField("state", progress.state().name().toLowerCase(Locale.ROOT));
        json.writeStringField("fault", progress.fault());
        json.writeNumberField("oid", Integer.toUnsignedLong(progress.oid()));
        json.writeArrayFieldStart("key");
        for (KeyColumn column : progress.key()) {
            SnapshotText.write(json, column);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("upTo");
        for (String value : progress.upTo()) {
            json.writeString(value);
        }
        json.writeEndArray();
        json.writeNumberField("rows", progress.rows());
        json.writeNumberField("bytes", progress.bytes());
        json.writeNumberField("estimatedRows", progress.estimatedRows());
        json.writeEndObject();
    }

    /** @throws IllegalArgumentException naming what is wrong */
    static BackfillProgress read(JsonParser json) throws IOException {
        String id = null;
        String schema = null;
        String table = null;
        String where = null;
        String into = "";
        boolean paused = false;
        State state = null;
        String fault = "";
        Integer oid = null;
        List<KeyColumn> key = List.of();
        List<String> upTo = List.of();
        Long rows = null;
        Long bytes = null;
        Long estimatedRows = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "id" -> id = StrictJson.string(json);
                case "schema" -> schema = StrictJson.string(json);
                case "table" -> table = StrictJson.string(json);
                case "where" -> where = StrictJson.string(json);
                case "into" -> into = StrictJson.string(json);
                case "paused" -> paused = StrictJson.bool(json);
                case "state" -> state = state(StrictJson.string(json));
                case "fault" -> fault = StrictJson.string(json);
                case "oid" -> oid = StrictJson.oid(json);
                case "key" -> key = StrictJson.list(json, SnapshotText::keyColumn);
                case "upTo" -> upTo = StrictJson.list(json, StrictJson::string);
                case "rows" -> rows = StrictJson.number(json, Long.MAX_VALUE);
                case "bytes" -> bytes = StrictJson.number(json, Long.MAX_VALUE);
                case "estimatedRows" -> estimatedRows = StrictJson.number(json, Long.MAX_VALUE);
                default -> throw StrictJson.unknown("snapshot.backfills." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        if (!upTo.isEmpty() && upTo.size() != key.size()) {
            throw new IllegalArgumentException("a backfill does not go up to a key of " + key.size() + " columns");
        }
        var name = new TableName(StrictJson.given("schema", schema), StrictJson.given("table", table));
        return new BackfillProgress(
                new Backfill(StrictJson.given("id", id), name, StrictJson.given("where", where), into, paused),
                StrictJson.given("state", state),
                fault,
                StrictJson.given("oid", oid),
                key,
                upTo,
                StrictJson.given("rows", rows),
                StrictJson.given("bytes", bytes),
                StrictJson.given("estimatedRows", estimatedRows));
    }

    private static State state(String text) {
        return Arrays.stream(State.values())
                .filter(state -> state.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown state of a backfill: \"" + text + "\""));
    }
}
