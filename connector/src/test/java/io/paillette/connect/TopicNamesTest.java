package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Column;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** topic.delimiter, topic.transaction and tombstones.on.delete. */
final class TopicNamesTest {

    private static final Relation ORDERS = new Relation(
            1,
            new TableName("public", "orders"),
            Relation.ReplicaIdentity.DEFAULT,
            List.of(new Column(
                    "id",
                    new Column.Declaration(25, -1, "text", Optional.empty()),
                    ColumnType.Scalar.TEXT,
                    false,
                    Exposure.WHOLE)),
            List.of(0),
            List.of(0));

    @Test
    void theDelimiterStandsBetweenTheParts() {
        var names = new TopicNames("app", "-", "begun");
        assertThat(names.of(new TableName("public", "order items"))).isEqualTo("app-public-order_items");
        assertThat(names.ofTransactions()).isEqualTo("app-begun");
        assertThat(names.ofMessages()).as("Debezium's is fixed").isEqualTo("app.message");
        assertThat(TopicNames.of("app").of(new TableName("public", "t"))).isEqualTo("app.public.t");
        assertThat(TopicNames.of("app").ofTransactions()).isEqualTo("app.transaction");
    }

    @Test
    void theOptionsAreRead() {
        var config = new ConnectorConfig(Map.of(
                "topic.prefix", "app",
                "topic.delimiter", "_",
                "topic.transaction", "tx",
                "tombstones.on.delete", "false"));
        assertThat(config.naming().topics()).isEqualTo(new TopicNames("app", "_", "tx"));
        assertThat(config.hasTombstones()).isFalse();
        assertThat(new ConnectorConfig(Map.of("topic.prefix", "app")).hasTombstones())
                .isTrue();
    }

    @Test
    void aDeleteAndAChangeOfTheKeyAreFollowedByATombstoneUnlessNoneIsAskedFor() {
        assertThat(ops(delete(), true)).containsExactly("d", "tombstone");
        assertThat(ops(delete(), false)).containsExactly("d");
        assertThat(ops(changeOfKey(), true)).containsExactly("d", "tombstone", "c");
        assertThat(ops(changeOfKey(), false)).containsExactly("d", "c");
    }

    @Test
    void twoTablesThatADelimiterMakesOneOfAreNamed() {
        var debezium = new DebeziumEnvelope("1", "app", "shop", InstantSource.system());
        var structs = new ChangeStructs(
                new Naming(new TopicNames("app", "_", "transaction"), NameAdjustment.NONE, NameAdjustment.NONE),
                ValueHandling.DEFAULT,
                debezium,
                debezium,
                true);
        assertThat(structs.of(insertInto(1, "a", "b_c"))).hasSize(1);
        assertThatThrownBy(() -> structs.of(insertInto(2, "a_b", "c")))
                .hasMessageContaining("tables a.b_c and a_b.c would both go to topic app_a_b_c");
    }

    private static CaptureEvent insertInto(int oid, String schema, String table) {
        var relation = new Relation(
                oid, new TableName(schema, table), ORDERS.identity(), ORDERS.columns(), ORDERS.ownKey(), ORDERS.key());
        Position start = Position.between(new Lsn(90), SnapshotProgress.DONE);
        var transaction = new TransactionInfo(7, new Lsn(100), Instant.EPOCH, start);
        return new CaptureEvent.Row(
                CaptureEvent.Kind.INSERT,
                relation,
                null,
                false,
                tuple("1"),
                transaction,
                new Lsn(95),
                1,
                start.inside(new Lsn(100), 1));
    }

    private static List<String> ops(CaptureEvent event, boolean tombstones) {
        var debezium = new DebeziumEnvelope("1", "app", "shop", InstantSource.system());
        var structs = new ChangeStructs(
                new Naming(TopicNames.of("app"), NameAdjustment.NONE, NameAdjustment.NONE),
                ValueHandling.DEFAULT,
                debezium,
                debezium,
                tombstones);
        return structs.of(event).stream()
                .map(change -> change.value() instanceof Struct value ? value.getString("op") : "tombstone")
                .toList();
    }

    private static CaptureEvent delete() {
        return row(CaptureEvent.Kind.DELETE, tuple("1"), null);
    }

    private static CaptureEvent changeOfKey() {
        return row(CaptureEvent.Kind.UPDATE, tuple("1"), tuple("2"));
    }

    private static CaptureEvent row(CaptureEvent.Kind kind, Tuple before, @Nullable Tuple after) {
        Position start = Position.between(new Lsn(90), SnapshotProgress.DONE);
        var transaction = new TransactionInfo(7, new Lsn(100), Instant.EPOCH, start);
        return new CaptureEvent.Row(
                kind, ORDERS, before, true, after, transaction, new Lsn(95), 1, start.inside(new Lsn(100), 1));
    }

    private static Tuple tuple(String id) {
        return new Tuple(new byte[][] {id.getBytes(StandardCharsets.UTF_8)});
    }
}
