package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.bytes;
import static io.paillette.broker.log.RunningLogs.records;
import static io.paillette.broker.log.SqlRecords.hex;
import static io.paillette.broker.log.SqlRecords.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.log.SqlRecords.Row;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordsInSqlTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningLogs running;

    @BeforeEach
    void open() {
        running = RunningLogs.on(database);
    }

    @AfterEach
    void close() {
        running.close();
    }

    private static MemoryRecords one(String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000, null, bytes(value)));
    }

    private static List<Long> offsets(List<Row> rows) {
        return rows.stream().map(Row::offset).toList();
    }

    @Test
    void aRecordIsARowWithAllThatItsProducerGaveIt() {
        PartitionLog log = running.create("orders");
        Header[] headers = {
            new RecordHeader("trace", bytes("é\"1")),
            new RecordHeader("trace", null),
            new RecordHeader("a", new byte[] {0, (byte) 0xff}),
            new RecordHeader("empty", new byte[0])
        };
        await(log.append(MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(1_700_000_000_123L, bytes("k"), bytes("v"), headers),
                new SimpleRecord(1_700_000_000_001L, null, bytes("")),
                new SimpleRecord(1_700_000_000_000L, bytes("gone"), null))));

        assertThat(read(database, "orders", 0, 10))
                .containsExactly(
                        new Row(
                                0,
                                1_700_000_000_123L,
                                hex(bytes("k")),
                                hex(bytes("v")),
                                "[{\"key\": \"trace\", \"value\": \"é\\\"1\"}, {\"key\": \"trace\", \"value\": null},"
                                        + " {\"key\": \"a\", \"value\": \"00ff\", \"encoding\": \"hex\"},"
                                        + " {\"key\": \"empty\", \"value\": \"\"}]",
                                null),
                        new Row(1, 1_700_000_000_001L, null, "", "[]", null),
                        new Row(2, 1_700_000_000_000L, hex(bytes("gone")), null, "[]", null));
    }

    @Test
    void theTextFormShowsBytesThatAreNoTextAsPostgresWritesThem() {
        PartitionLog log = running.create("orders");
        await(log.append(MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(0, new byte[] {0, (byte) 0xff}, bytes("größe")))));

        assertThat(database.query("select key || ' ' || value || ' ' || \"timestamp\"::timestamptz(0)"
                        + " from paillette.records_text('orders', 0)"))
                .startsWith("\\x00ff größe 1970");
    }

    @Test
    void theLimitCountsRowsAndReadsNoTableAfterThem() throws Exception {
        PartitionLog log = running.create("orders");
        for (int table = 0; table < 3; table++) {
            for (int batch = 0; batch < 5; batch++) {
                await(log.append(records("a", "b", "c")));
            }
            running.store.logs().segments().roll(1);
        }

        assertThat(offsets(read(database, "orders", 4, 3))).containsExactly(4L, 5L, 6L);
        assertThat(offsets(read(database, "orders", 13, null)))
                .isEqualTo(IntStream.range(13, 45).asLongStream().boxed().toList());
        assertThat(read(database, "orders", 0, 0)).isEmpty();
        assertThat(read(database, "orders", 45, 10)).isEmpty();
        assertThat(read(database, "orders", Long.MAX_VALUE, 10)).isEmpty();
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(read(connection, "orders", 20, 4)).hasSize(4);
            try (var rows = statement.executeQuery("select count(*) filter (where idx_scan > 0), sum(seq_scan)"
                    + " from pg_stat_xact_user_tables where relname like 'batch\\_%'")) {
                rows.next();
                assertThat(rows.getInt(1)).as("tables looked into").isEqualTo(1);
                assertThat(rows.getInt(2)).as("tables read from end to end").isZero();
            }
        }
    }

    @Test
    void aNegativeOffsetCountsBackFromTheEnd() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a", "b", "c")));
        await(log.append(records("d")));

        assertThat(offsets(read(database, "orders", -2, 10))).containsExactly(2L, 3L);
        assertThat(offsets(read(database, "orders", -99, 10))).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void nothingBelowTheLogStartAndNothingAfterTheCommittedEndIsShown() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a", "b", "c")));
        await(log.append(records("d")));
        await(log.append(records("e")));
        await(log.deleteBefore(1));

        assertThat(offsets(read(database, "orders", 0, 10))).containsExactly(1L, 2L, 3L, 4L);
        database.execute("update paillette.partition set next_offset = 4");
        assertThat(offsets(read(database, "orders", 0, 10))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatCompactionHasLeftKeepsItsOffsetsAndTimes() {
        PartitionLog log =
                running.create("table", Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
        long now = System.currentTimeMillis();
        for (int i = 0; i < 3; i++) {
            await(log.append(MemoryRecords.withRecords(
                    Compression.lz4().build(),
                    new SimpleRecord(now + i, bytes("a"), bytes("a" + i)),
                    new SimpleRecord(now + 10 + i, bytes("b"), i == 1 ? null : bytes("b" + i)),
                    new SimpleRecord(now + 20 + i, bytes("c" + i), null))));
        }

        running.logs.housekeeping().compact();

        var expected = new ArrayList<Row>();
        await(log.read(0, 1 << 20, true)).records().records().forEach(record -> expected.add(Row.of(record)));
        assertThat(expected).hasSize(5);
        assertThat(read(database, "table", 0, null)).isEqualTo(expected);
    }

    @Test
    void whereTheBrokerSetsTheTimeEveryRecordHasIt() {
        PartitionLog log = running.create("orders", Map.of("message.timestamp.type", "LogAppendTime"));
        long stored = await(log.append(records("a", "b"))).logAppendTime();

        assertThat(stored).isPositive();
        assertThat(read(database, "orders", 0, 10)).extracting(Row::timestamp).containsExactly(stored, stored);
    }

    @Test
    void transactionsAndTheirMarkersAreShownAsSuch() {
        PartitionLog log = running.create("orders");
        running.store.feeds().lead("app", 0, 0);
        await(running.logs.claimFeed("app"));
        await(running.logs.readyForTransaction(log.partition()));
        SimpleRecord record = new SimpleRecord(1_000, bytes("k"), bytes("v"));
        List<MemoryRecords> batches = List.of(
                MemoryRecords.withTransactionalRecords(Compression.NONE, 7, (short) 1, 0, record),
                MemoryRecords.withEndTransactionMarker(
                        7, (short) 1, new EndTransactionMarker(ControlRecordType.COMMIT, 3)),
                MemoryRecords.withTransactionalRecords(Compression.NONE, 8, (short) 1, 0, record),
                MemoryRecords.withEndTransactionMarker(
                        8, (short) 1, new EndTransactionMarker(ControlRecordType.ABORT, 3)),
                one("plain"));
        for (MemoryRecords batch : batches) {
            await(running.logs.append(
                    List.of(new OwnRecords(log.partition(), batch)), new Logs.FeedPosition("app", "p")));
        }

        assertThat(database.query("select string_agg(concat_ws(' ', \"offset\", is_transactional, is_control,"
                        + " coalesce(producer_id, -5), leader_epoch, batch_offset, compression, note), '|')"
                        + " from paillette.records('orders', 0)"))
                .isEqualTo("0 t f 7 0 0 none|1 t t 7 0 1 none end of a transaction: commit"
                        + "|2 t f 8 0 2 none|3 t t 8 0 3 none end of a transaction: abort|4 f f -5 0 4 none");
    }

    @Test
    void anUnknownTopicOrPartitionIsToldWhatThereIs() {
        assertThatThrownBy(() -> database.query("select paillette.records('orders', 0)"))
                .rootCause()
                .hasMessageContaining("there is no topic 'orders'; there are none");
        running.create("orders");
        for (int i = 0; i < 21; i++) {
            running.create("topic-" + (char) ('a' + i));
        }

        assertThatThrownBy(() -> database.query("select paillette.records('oders', 0)"))
                .rootCause()
                .hasMessageContaining("there is no topic 'oders'; there are 'orders', 'topic-a', 'topic-b',")
                .hasMessageContaining("'topic-s' and 2 more");
        assertThatThrownBy(() -> database.query("select paillette.records('orders', 3)"))
                .rootCause()
                .hasMessageContaining("topic 'orders' has partition 0 only, not 3");
        assertThatThrownBy(() -> database.query("select paillette.records(null, 0)"))
                .rootCause()
                .hasMessageContaining("there is no topic null; there are");
        assertThatThrownBy(() -> database.query("select paillette.records('orders', 0, 0, -1)"))
                .rootCause()
                .hasMessageContaining("limit must not be negative");
    }

    @Test
    void aBatchThatCannotBeDecodedIsOneRowAndWhatFollowsIsShown() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a", "b", "c")));
        await(log.append(records("d")));
        await(log.append(records("e")));
        // The second record of the first batch now says that it is longer than the batch; of the second batch only half
        // is left.
        database.execute("update paillette.batch set body = set_byte(body, 61 + 9, 126) where base_offset = 0");
        database.execute("update paillette.batch set body = substring(body from 1 for 30) where base_offset = 3");

        List<Row> rows = read(database, "orders", 0, 10);

        assertThat(offsets(rows)).containsExactly(0L, 1L, 3L, 4L);
        assertThat(rows).extracting(Row::value).containsExactly(hex(bytes("a")), null, null, hex(bytes("e")));
        assertThat(rows.get(1).note()).startsWith("offsets 1 to 2: a record ends within a field of");
        assertThat(rows.get(2).note()).startsWith("offsets 3 to 3: ");
        assertThat(read(database, "orders", 0, 1)).containsExactly(rows.get(0));
    }

    @Test
    void aTimeThatPostgresHasNoDateForIsInTheNote() {
        PartitionLog log =
                running.create("orders", Map.of("message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE)));
        await(log.append(MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(1L << 62, null, bytes("far")),
                new SimpleRecord(-1, null, bytes("none")))));

        assertThat(read(database, "orders", 0, 10))
                .containsExactly(
                        new Row(0, null, null, hex(bytes("far")), "[]", "timestamp 4611686018427387904 is no date"),
                        new Row(1, null, null, hex(bytes("none")), "[]", null));
    }

    @Test
    void aTableThatRetentionDropsMeanwhileIsARow() throws Exception {
        PartitionLog log = running.create("orders", Map.of("retention.ms", "3600000"));
        await(log.append(records("old", "older")));
        running.store.logs().segments().roll(1);
        await(log.append(MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(System.currentTimeMillis(), null, bytes("young")))));
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            statement.execute("select count(*) from paillette.topic");

            running.logs.housekeeping().retain();

            assertThat(running.logs.housekeepingCounts().segmentsDropped()).isEqualTo(1);
            List<Row> rows = read(connection, "orders", 0, 10);
            assertThat(offsets(rows)).containsExactly(0L, 2L);
            assertThat(rows.get(0).note()).startsWith("offsets 0 to 1: dropped or moved");
            assertThat(read(connection, "orders", 0, 1)).hasSize(1);
        }
        assertThat(offsets(read(database, "orders", 0, 10))).containsExactly(2L);
    }

    @Test
    void aRoleThatMayOnlyReadSeesTheRecordsOfTablesMadeLaterToo() throws Exception {
        String role = "reader_of_" + database.name();
        database.execute(
                "create role " + role + " login",
                "grant usage on schema paillette to " + role,
                "grant select on all tables in schema paillette to " + role,
                "alter default privileges in schema paillette grant select on tables to " + role);
        await(running.create("orders").append(records("a")));

        try (Connection connection =
                DriverManager.getConnection(database.url().replace("user=postgres", "user=" + role))) {
            connection.setReadOnly(true);
            assertThat(read(connection, "orders", 0, 10)).hasSize(1);
        }
    }

    @Test
    void aPartitionWithoutRecordsHasNoRows() {
        running.create("orders");

        assertThat(running.logs.find(new TopicPartition("orders", 0))).isPresent();
        assertThat(read(database, "orders", 0, 10)).isEmpty();
        assertThat(read(database, "orders", -10, 10)).isEmpty();
    }
}
