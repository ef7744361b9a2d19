package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.MessageJson;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MessageStructsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-23T12:00:00.123456789Z"));
    private static final Position START = Position.between(new Lsn(100), SnapshotProgress.DONE);
    private static final byte[] CONTENT = {(byte) 0xfb, (byte) 0xff, 0};
    private static final LogicalMessage INSIDE = new LogicalMessage(
            true,
            "app",
            CONTENT,
            new TransactionInfo(571, new Lsn(300), Instant.EPOCH.plusNanos(1_234_567_000), START),
            new Lsn(200),
            1,
            START.inside(new Lsn(300), 1),
            List.of(new EventOrder(3, 2)));
    private static final LogicalMessage ALONE = new LogicalMessage(
            false,
            "",
            CONTENT,
            new TransactionInfo(0, Lsn.NONE, Instant.EPOCH, START),
            new Lsn(200),
            0,
            START,
            List.of());

    @ParameterizedTest
    @EnumSource
    void schemalessJsonOfConnectIsTheJsonOfTheBroker(BinaryHandling binaries) throws IOException {
        var broker = new MessageJson("1", "app", "shop", binaries, CLOCK);
        for (LogicalMessage message : List.of(INSIDE, ALONE)) {
            Change change = change(binaries, message);
            assertThat(json(change.topic(), change.keySchema(), change.key(), true))
                    .isEqualTo(JSON.readTree(broker.key(message)));
            assertThat(json(change.topic(), change.valueSchema(), change.value(), false))
                    .isEqualTo(JSON.readTree(broker.value(message)));
        }
    }

    @Test
    void schemasAreNamedAndOrderedAsInDebezium() {
        Change change = change(BinaryHandling.BYTES, INSIDE);
        Schema key = Objects.requireNonNull(change.keySchema());
        Schema value = Objects.requireNonNull(change.valueSchema());
        assertThat(change.topic()).isEqualTo("app.message");
        assertThat(key.name()).isEqualTo("io.debezium.connector.postgresql.MessageKey");
        assertThat(key.version()).isEqualTo(1);
        assertThat(key.field("prefix").schema()).isEqualTo(Schema.OPTIONAL_STRING_SCHEMA);
        assertThat(value.name()).isEqualTo("io.debezium.connector.postgresql.MessageValue");
        assertThat(value.version()).isEqualTo(1);
        assertThat(value.fields().stream().map(field -> field.name()))
                .containsExactly("op", "ts_ms", "source", "transaction", "message");
        Schema message = value.field("message").schema();
        assertThat(message.name()).isEqualTo("io.debezium.connector.postgresql.Message");
        assertThat(message.field("prefix").schema()).isEqualTo(Schema.OPTIONAL_STRING_SCHEMA);
        assertThat(message.field("content").schema()).isEqualTo(Schema.OPTIONAL_BYTES_SCHEMA);
        Schema hex = Objects.requireNonNull(change(BinaryHandling.HEX, INSIDE).valueSchema());
        assertThat(hex.field("message").schema().field("content").schema()).isEqualTo(Schema.OPTIONAL_STRING_SCHEMA);
    }

    private static Change change(BinaryHandling binaries, LogicalMessage message) {
        var debezium = new DebeziumEnvelope("1", "app", "shop", CLOCK);
        var structs = new ChangeStructs(
                new Naming(TopicNames.of("app"), NameAdjustment.NONE, NameAdjustment.NONE),
                ValueHandling.DEFAULT.with(binaries),
                debezium,
                debezium,
                true);
        return structs.of(message).get(0);
    }

    private static JsonNode json(String topic, Schema schema, Object value, boolean key) throws IOException {
        var converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), key);
        return JSON.readTree(converter.fromConnectData(topic, schema, value));
    }
}
