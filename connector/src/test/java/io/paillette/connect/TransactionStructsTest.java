package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.TransactionJson;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import io.paillette.struct.RowEnvelope;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TransactionStructsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Position START = Position.between(new Lsn(100), SnapshotProgress.DONE);
    private static final TransactionInfo TRANSACTION =
            new TransactionInfo(571, new Lsn(300), Instant.EPOCH.plusNanos(1_234_567_000), START);
    private static final CaptureEvent.Begin BEGIN =
            new CaptureEvent.Begin(TRANSACTION, START.inside(TRANSACTION.commit(), 0));
    private static final CaptureEvent.Commit END = new CaptureEvent.Commit(
            TRANSACTION,
            List.of(new CollectionCount("public.a", 2), new CollectionCount("public.b", 1)),
            START.moved(new Lsn(310), SnapshotProgress.DONE));

    private final ChangeStructs structs = new ChangeStructs(
            new Naming(TopicNames.of("app"), NameAdjustment.NONE, NameAdjustment.NONE),
            ValueHandling.DEFAULT,
            new RowEnvelope(),
            new DebeziumEnvelope("1", "app", "shop", InstantSource.system()),
            true);

    @Test
    void schemalessJsonOfConnectIsTheJsonOfTheBroker() throws IOException {
        var broker = new TransactionJson();
        Change begin = structs.of(BEGIN).get(0);
        assertThat(json(begin.keySchema(), begin.key(), true)).isEqualTo(JSON.readTree(broker.key(TRANSACTION)));
        assertThat(json(begin.valueSchema(), begin.value(), false)).isEqualTo(JSON.readTree(broker.begin(BEGIN)));
        Change end = structs.of(END).get(0);
        assertThat(json(end.keySchema(), end.key(), true)).isEqualTo(JSON.readTree(broker.key(TRANSACTION)));
        assertThat(json(end.valueSchema(), end.value(), false)).isEqualTo(JSON.readTree(broker.end(END)));
    }

    @Test
    void schemasAreNamedAndOrderedAsInDebezium() {
        Change end = structs.of(END).get(0);
        Schema key = Objects.requireNonNull(end.keySchema());
        Schema value = Objects.requireNonNull(end.valueSchema());
        assertThat(end.topic()).isEqualTo("app.transaction");
        assertThat(key.name()).isEqualTo("io.debezium.connector.common.TransactionMetadataKey");
        assertThat(key.version()).isEqualTo(1);
        assertThat(value.name()).isEqualTo("io.debezium.connector.common.TransactionMetadataValue");
        assertThat(value.version()).isEqualTo(1);
        assertThat(value.fields().stream().map(field -> field.name()))
                .containsExactly("status", "id", "event_count", "data_collections", "ts_ms");
        assertThat(value.field("event_count").schema()).isEqualTo(Schema.OPTIONAL_INT64_SCHEMA);
        assertThat(value.field("data_collections").schema().isOptional()).isTrue();
        Schema collection = value.field("data_collections").schema().valueSchema();
        assertThat(collection.name()).isEqualTo("event.collection");
        assertThat(collection.isOptional()).isTrue();
    }

    @Test
    void aTransactionThatIsNotToldHasNoRecords() {
        assertThat(structs.of(new CaptureEvent.Commit(TRANSACTION, List.of(), END.position())))
                .isEmpty();
    }

    private static JsonNode json(@Nullable Schema schema, @Nullable Object value, boolean key) throws IOException {
        var converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), key);
        return JSON.readTree(converter.fromConnectData("app.transaction", schema, value));
    }
}
