package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.Rows.ORDERS;
import static io.paillette.capture.envelope.Rows.START;
import static io.paillette.capture.envelope.Rows.key;
import static io.paillette.capture.envelope.Rows.row;
import static io.paillette.capture.envelope.Rows.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.TransactionInfo.Origin;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ValueHandling;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What rows have in common is prepared once; nothing of another row's may be left in it. */
class SourceJsonTest {

    private static final List<Relation> TABLES =
            List.of(ORDERS, table("items", ReplicaIdentity.DEFAULT, key("id", Scalar.INT4)));
    private static final Instant COMMITTED = Instant.parse("2024-02-29T12:34:56.789012Z");

    private static final List<TransactionInfo> TRANSACTIONS = List.of(
            Rows.TRANSACTION,
            new TransactionInfo(
                    572, new Lsn(400), COMMITTED.plusSeconds(1), Position.between(new Lsn(300), SnapshotProgress.DONE)),
            new TransactionInfo(573, new Lsn(500), COMMITTED, START).from(new Origin("elsewhere", new Lsn(7))),
            new TransactionInfo(0, Lsn.NONE, COMMITTED, Position.between(Lsn.NONE, SnapshotProgress.NOT_STARTED)));

    @Test
    void aRowIsToldAsIfItWereAloneWhateverCameBeforeIt() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        DebeziumJson shared = json();
        for (int i = 0; i < 2_000; i++) {
            TransactionInfo transaction = TRANSACTIONS.get(random.nextInt(TRANSACTIONS.size()));
            Relation relation = TABLES.get(random.nextInt(TABLES.size()));
            Kind kind = random.nextBoolean() ? Kind.READ : Kind.INSERT;
            var after = relation.columns().size() == 2 ? row(String.valueOf(i), "a") : row(String.valueOf(i));
            var event = new CaptureEvent.Row(
                    kind,
                    relation,
                    null,
                    false,
                    after,
                    transaction,
                    new Lsn(random.nextInt(1000)),
                    1,
                    transaction.start());
            ChangeRecord record = ChangeRecords.of(event).get(0);
            assertThat(text(shared, record)).as("seed %d, row %d", seed, i).isEqualTo(text(json(), record));
        }
    }

    private static DebeziumJson json() {
        return new DebeziumJson("0.1", "app", "shop", ValueHandling.DEFAULT, InstantSource.fixed(COMMITTED));
    }

    private static String text(DebeziumJson json, ChangeRecord record) {
        byte[] value = json.value(record);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }
}
