package io.paillette.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Writes a {@link Position} as one line of JSON and reads it back; stored in the log's database and in Connect offsets.
 * Example:
 *
 * <pre>{"end":"0/16B3748","commit":"0/0","ordinal":0,"snapshot":{"complete":true,"tables":[]},
 *  "server":{"system":"7382019482211230001","timeline":1}}</pre>
 *
 * The server is missing in what older versions stored. A table that was read in several segments has its {@code key} and the
 * {@code earlier} ones, each with the key it goes {@code upTo}; one that is being read stands in {@code reading}, several
 * of them as an array, and OIDs of those to be read once more in {@code again}:
 *
 * <pre>{"oid":16385,"schema":"public","table":"t","snapshot":"750:750:","until":"0/16B3748",
 *  "key":[{"name":"id","type":23,"modifier":-1,"collation":0,"greater":521}],
 *  "earlier":[{"upTo":["100000"],"snapshot":"745:745:","until":"0/16B3700"}]}</pre>
 *
 * <p>While another reader's slot is read to its end, {@code predecessor} says which.
 *
 * <p>Backfills stand in {@code backfills}, each with what was asked for, the key it is read by and how far it is.
 *
 * <p>Reading is strict: going on from a half-understood position would lose changes or repeat them.
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
            json.writeFieldName("snapshot");
            SnapshotText.write(json, position.snapshot());
            if (position.server().isPresent()) {
                write(json, position.server().get());
            }
            if (position.predecessor().isPresent()) {
                write(json, position.predecessor().get());
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

    private static void write(JsonGenerator json, ServerIdentity server) throws IOException {
        json.writeObjectFieldStart("server");
        json.writeStringField("system", server.system());
        json.writeNumberField("timeline", server.timeline());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Predecessor predecessor) throws IOException {
        json.writeObjectFieldStart("predecessor");
        json.writeStringField("slot", predecessor.slot());
        json.writeStringField("publication", predecessor.publication());
        json.writeStringField("until", predecessor.until().toString());
        json.writeNumberField("xid", predecessor.delivered().xid());
        json.writeStringField("lsn", predecessor.delivered().lsn().toString());
        json.writeNumberField("rows", predecessor.delivered().rows());
        json.writeEndObject();
    }

    private static Position position(JsonParser json) throws IOException {
        Lsn end = null;
        Lsn commit = null;
        Long ordinal = null;
        SnapshotProgress snapshot = null;
        ServerIdentity server = null;
        Predecessor predecessor = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "end" -> end = Lsn.parse(StrictJson.string(json));
                case "commit" -> commit = Lsn.parse(StrictJson.string(json));
                case "ordinal" -> ordinal = StrictJson.number(json, Long.MAX_VALUE);
                case "snapshot" -> snapshot = SnapshotText.read(json);
                case "server" -> server = server(json);
                case "predecessor" -> predecessor = predecessor(json);
                default -> throw StrictJson.unknown(field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new Position(
                StrictJson.given("end", end),
                StrictJson.given("commit", commit),
                StrictJson.given("ordinal", ordinal),
                StrictJson.given("snapshot", snapshot),
                Optional.ofNullable(server),
                Optional.ofNullable(predecessor));
    }

    private static Predecessor predecessor(JsonParser json) throws IOException {
        String slot = null;
        String publication = null;
        Lsn until = null;
        Long xid = null;
        Lsn lsn = null;
        Long rows = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "slot" -> slot = StrictJson.string(json);
                case "publication" -> publication = StrictJson.string(json);
                case "until" -> until = Lsn.parse(StrictJson.string(json));
                case "xid" -> xid = StrictJson.number(json, 0xFFFFFFFFL);
                case "lsn" -> lsn = Lsn.parse(StrictJson.string(json));
                case "rows" -> rows = StrictJson.number(json, Long.MAX_VALUE);
                default -> throw StrictJson.unknown("predecessor." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new Predecessor(
                StrictJson.given("predecessor.slot", slot),
                StrictJson.given("predecessor.publication", publication),
                StrictJson.given("predecessor.until", until),
                new Predecessor.Delivered(
                        StrictJson.given("predecessor.xid", xid),
                        StrictJson.given("predecessor.lsn", lsn),
                        StrictJson.given("predecessor.rows", rows)));
    }

    private static ServerIdentity server(JsonParser json) throws IOException {
        String system = null;
        Long timeline = null;
        StrictJson.expect(json, JsonToken.START_OBJECT);
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "system" -> system = StrictJson.string(json);
                case "timeline" -> timeline = StrictJson.number(json, 0xFFFFFFFFL);
                default -> throw StrictJson.unknown("server." + field);
            }
        }
        StrictJson.expect(json, JsonToken.END_OBJECT);
        return new ServerIdentity(
                StrictJson.given("server.system", system), StrictJson.given("server.timeline", timeline));
    }
}
