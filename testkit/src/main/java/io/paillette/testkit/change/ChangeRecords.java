package io.paillette.testkit.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.change.Change.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads Debezium's JSON envelope, without schemas, of the tables of a {@link ChangeWorkload}. */
final class ChangeRecords {

    private final ObjectMapper json = new ObjectMapper();

    Observation read(ConsumerRecord<byte[], byte[]> record) {
        try {
            long id = json.readTree(record.key()).path("id").asLong();
            if (record.value() == null) {
                return observation(record, id, Kind.TOMBSTONE, json.nullNode());
            }
            JsonNode value = json.readTree(record.value());
            Kind kind = kind(value.path("op").asText());
            return observation(record, id, kind, kind == Kind.DELETE ? json.nullNode() : value.path("after"));
        } catch (IOException e) {
            throw new UncheckedIOException("not Debezium JSON: " + record, e);
        }
    }

    private static Kind kind(String op) {
        return switch (op) {
            case "c" -> Kind.INSERT;
            case "u" -> Kind.UPDATE;
            case "d" -> Kind.DELETE;
            default -> Kind.OTHER;
        };
    }

    private static Observation observation(ConsumerRecord<byte[], byte[]> record, long id, Kind kind, JsonNode row) {
        String table = record.topic().substring(record.topic().lastIndexOf('.') + 1);
        return new Observation(
                record.topic(),
                record.partition(),
                record.offset(),
                table,
                id,
                kind,
                row.path("version").asLong(Observation.UNTOLD),
                row.path("sequence").asLong(Observation.UNTOLD));
    }
}
