package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.bytes;
import static io.paillette.broker.log.RunningLogs.readAll;
import static io.paillette.broker.log.RunningLogs.records;
import static io.paillette.broker.log.RunningLogs.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final long HOUR_MS = 3_600_000;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long now = System.currentTimeMillis();
    private RunningLogs running;

    @BeforeEach
    void open() {
        running = RunningLogs.on(database);
    }

    @AfterEach
    void close() {
        running.close();
    }

    private void restart() {
        running.close();
        running = RunningLogs.on(database);
    }

    private static MemoryRecords at(long timestamp, String value) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(timestamp, bytes("k"), bytes(value)));
    }

    /** From here on every class writes into a new table. */
    private void roll() {
        assertThat(running.store.logs().segments().roll(1)).isPositive();
    }

    private List<String> tables() {
        String names = database.query("select coalesce(string_agg(relname, ',' order by relname), '') from pg_class"
                + " where relkind = 'r' and relname like 'batch\\_%'");
        return names.isEmpty() ? List.of() : List.of(names.split(","));
    }

    @Test
    void rangesGoByTheirLargestTimestampFromTheOldestOn() {
        var old = new LogRange(1, 0, 10, false, true, OptionalLong.of(100), 5);
        var mixed = new LogRange(1, 10, 20, false, true, OptionalLong.of(300), 5);
        var late = new LogRange(1, 20, 30, false, true, OptionalLong.of(100), 5);

        assertThat(Retention.byTime(List.of(old, mixed, late), 0, 200).logStartOffset())
                .isEqualTo(10);
        assertThat(Retention.byTime(List.of(old, mixed, late), 0, 301).logStartOffset())
                .isEqualTo(30);
        assertThat(Retention.byTime(List.of(old, mixed, late), 15, 200).logStartOffset())
                .isEqualTo(15);
        assertThat(Retention.byTime(List.of(), 7, 200).logStartOffset()).isEqualTo(7);
    }

    @Test
    void theOpenRangeIsMeasuredOnlyWhenItsNewestBatchIsOld() {
        var young = new LogRange(1, 0, 10, true, false, OptionalLong.of(300), 0);
        var old = new LogRange(1, 0, 10, true, false, OptionalLong.of(100), 0);

        assertThat(Retention.byTime(List.of(young), 0, 200).unmeasured()).isEmpty();
        assertThat(Retention.byTime(List.of(old), 0, 200).unmeasured()).isEqualTo(Optional.of(old));
    }

    @Test
    void whatIsOlderThanItsRetentionGoesAndItsTableToo() {
        PartitionLog log = running.create("orders", Map.of("retention.ms", "3600000"));
        await(log.append(at(now - 3 * HOUR_MS, "old")));
        await(log.append(at(now - 2 * HOUR_MS, "older than allowed")));
        List<String> first = tables();
        roll();
        await(log.append(at(now, "young")));

        running.logs.housekeeping().retain();

        assertThat(log.logStartOffset()).isEqualTo(2);
        assertThat(tables()).hasSize(1).doesNotContainAnyElementsOf(first);
        assertThat(readAll(log)).containsExactly("young");
        assertThatThrownBy(() -> await(log.read(1, 100, true))).isInstanceOf(OffsetOutOfRangeException.class);
        assertThat(running.logs.housekeepingCounts().segmentsDropped()).isEqualTo(1);
        restart();
        assertThat(running.log("orders", 0).logStartOffset()).isEqualTo(2);
        assertThat(readAll(running.log("orders", 0))).containsExactly("young");
    }

    @Test
    void aPartitionThatNobodyWritesToAnyMoreIsEmptiedWithoutANewTable() {
        PartitionLog log = running.create("orders", Map.of("retention.ms", "3600000"));
        await(log.append(at(now - 2 * HOUR_MS, "old")));

        running.logs.housekeeping().retain();

        assertThat(log.logStartOffset()).isEqualTo(1);
        assertThat(await(log.append(at(now, "young"))).baseOffset()).isEqualTo(1);
        running.logs.housekeeping().retain();
        assertThat(readAll(log)).containsExactly("young");
    }

    @Test
    void aLateTimestampKeepsWhatIsInTheSameRangeAndBehind() {
        PartitionLog log = running.create("orders", Map.of("retention.ms", "3600000"));
        await(log.append(at(now + HOUR_MS, "from a fast clock")));
        await(log.append(at(now - 2 * HOUR_MS, "old")));
        roll();
        await(log.append(at(now - 2 * HOUR_MS, "old too")));

        running.logs.housekeeping().retain();

        assertThat(log.logStartOffset()).isZero();
    }

    @Test
    void aPartitionKeepsAtLeastItsRetentionBytesAndHardlyMore() {
        PartitionLog log = running.create("orders", Map.of("retention.bytes", "1000", "retention.ms", "-1"));
        int size = at(now, "x".repeat(300)).sizeInBytes();
        for (int i = 0; i < 10; i++) {
            await(log.append(at(now, "x".repeat(300))));
            if (i == 4) {
                roll();
            }
        }

        running.logs.housekeeping().retain();

        long kept = (log.highWatermark() - log.logStartOffset()) * size;
        assertThat(kept).isBetween(1000L, 1000L + size - 1);
        assertThat(tables()).hasSize(1);
    }

    @Test
    void aTableIsKeptAsLongAsOnePartitionNeedsIt() {
        PartitionLog soon = running.create("soon", Map.of("retention.ms", "3600000"));
        PartitionLog later = running.create("later", Map.of("retention.ms", "3000000"));
        await(soon.append(at(now - 2 * HOUR_MS, "a")));
        await(later.append(at(now, "b")));
        roll();
        await(soon.append(at(now, "c")));
        await(later.append(at(now, "d")));

        running.logs.housekeeping().retain();

        assertThat(soon.logStartOffset()).isEqualTo(1);
        assertThat(tables()).hasSize(2);
        assertThat(readAll(later)).containsExactly("b", "d");
        await(later.deleteBefore(1));
        running.logs.housekeeping().retain();
        assertThat(tables()).hasSize(1);
        assertThat(readAll(soon)).containsExactly("c");
        assertThat(readAll(later)).containsExactly("d");
    }

    @Test
    void aFewBatchesThatHoldUpALargeTableAreMovedOutOfIt() {
        PartitionLog large = running.create("large", Map.of("retention.ms", "-1"));
        PartitionLog small = running.create("small", Map.of("retention.ms", "-1"));
        PartitionLog halfGone = running.create("half-gone", Map.of("retention.ms", "-1"));
        await(large.append(records("x".repeat(100_000))));
        var expected = new ArrayList<String>();
        for (int i = 0; i < 120; i++) {
            expected.add("s" + i);
            await(small.append(records("s" + i)));
        }
        await(halfGone.append(records("h0")));
        await(halfGone.append(records("h1")));
        await(halfGone.deleteBefore(1));
        List<String> first = tables();
        roll();
        expected.add("later");
        await(small.append(records("later")));
        await(large.deleteBefore(-1));

        running.logs.housekeeping().retain();
        assertThat(running.logs.housekeepingCounts().rangesMoved()).isEqualTo(2);
        expected.add("last");
        await(small.append(records("last")));
        await(halfGone.append(records("h2")));
        running.logs.housekeeping().retain();

        assertThat(tables()).hasSize(1).doesNotContainAnyElementsOf(first);
        restart();
        assertThat(readAll(running.log("small", 0))).isEqualTo(expected);
        assertThat(readAll(running.log("half-gone", 0))).containsExactly("h1", "h2");
        assertThat(database.query("select count(*) from paillette.partition_segment"))
                .isEqualTo("3"); // small before and after the roll, half-gone
    }

    @Test
    void readsTimesAndProducersAreFoundAcrossTables() {
        PartitionLog log = running.create("orders");
        await(log.append(at(100, "a")));
        await(log.append(RunningLogs.idempotent(7, 0, 0, "p0")));
        roll();
        await(log.append(at(5_000, "b")));
        roll();
        await(log.append(at(3_000, "c")));
        running.logs.housekeeping().roll();
        while (running.store.logs().segments().measureNext()) {
            // all
        }
        restart();
        PartitionLog cold = running.log("orders", 0);

        assertThat(readAll(cold)).containsExactly("a", "p0", "b", "c");
        assertThat(values(await(cold.read(1, 1_000_000, true)).records())).containsExactly("p0", "b", "c");
        assertThat(await(cold.firstAtOrAfter(2_000)).offset()).isEqualTo(2);
        assertThat(await(cold.firstAtOrAfter(1_000)).offset()).isEqualTo(1);
        assertThat(await(cold.firstAtOrAfter(6_000))).isEqualTo(TimestampedOffset.NONE);
        assertThat(await(cold.latestByTimestamp()).offset()).isEqualTo(2);
        assertThat(await(cold.append(RunningLogs.idempotent(7, 0, 0, "p0"))).baseOffset())
                .isEqualTo(1);
    }

    @Test
    void recordsAreDeletedOnDemand() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a", "b", "c")));
        await(log.append(records("d")));

        assertThat(await(log.deleteBefore(1))).isEqualTo(1);
        assertThat(await(log.firstAtOrAfter(0)).offset()).isEqualTo(1);
        assertThat(await(log.deleteBefore(0))).isEqualTo(1);
        assertThatThrownBy(() -> await(log.deleteBefore(5))).isInstanceOf(OffsetOutOfRangeException.class);
        assertThatThrownBy(() -> await(log.deleteBefore(-2))).isInstanceOf(OffsetOutOfRangeException.class);
        assertThat(await(log.deleteBefore(-1))).isEqualTo(4);
        assertThat(await(log.append(records("e"))).baseOffset()).isEqualTo(4);
        assertThat(readAll(log)).containsExactly("e");
        PartitionLog compacted = running.create("compacted", Map.of("cleanup.policy", "compact"));
        assertThatThrownBy(() -> await(compacted.deleteBefore(-1))).isInstanceOf(PolicyViolationException.class);
    }

    @Test
    void anOldLeaderMovesNoLogStart() {
        PartitionLog stale = running.create("orders");
        await(stale.append(records("a", "b")));
        try (var newer = RunningLogs.on(database)) {
            assertThatThrownBy(() -> await(stale.deleteBefore(1)))
                    .isInstanceOf(org.apache.kafka.common.errors.NotLeaderOrFollowerException.class);
            assertThat(readAll(newer.log("orders", 0))).containsExactly("a", "b");
        }
    }

    @Test
    void aDeletedTopicFreesItsSpace() {
        PartitionLog plain = running.create("plain");
        PartitionLog compacted = running.create("compacted", Map.of("cleanup.policy", "compact"));
        for (int i = 0; i < 12; i++) {
            await(plain.append(records("x".repeat(900_000))));
        }
        await(compacted.append(records("y")));

        await(running.topics.delete("plain"));
        await(running.topics.delete("compacted"));

        org.awaitility.Awaitility.await().untilAsserted(() -> {
            assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("0");
            assertThat(database.query("select count(*) from paillette.partition_segment"))
                    .isEqualTo("0");
            assertThat(database.query("select count(*) from paillette.dropped_partition"))
                    .isEqualTo("0");
        });
    }

    @Test
    void aBrokerThatHasNotHeardOfTheNewTableLosesNothing() {
        PartitionLog log = running.create("orders");
        await(log.append(records("a")));
        try (var other = io.paillette.broker.postgres.Store.open(
                io.paillette.broker.postgres.StoreSettings.of(database.url()))) {
            other.logs().segments().roll(1);
            await(log.append(records("b"))); // into the older table
            await(log.deleteBefore(2));
            assertThat(other.logs().segments().dropDead()).isEqualTo(1);
        }

        await(log.append(records("c"))); // finds its table gone
        await(log.append(records("x".repeat(400_000))));

        assertThat(readAll(log)).hasSize(2).startsWith("c");
        assertThat(database.query("select count(*) from paillette.partition_segment"))
                .isEqualTo("1");
    }

    @Test
    void groupsThatGoIntoSeveralTablesAreOneTransaction() {
        PartitionLog plain = running.create("plain");
        PartitionLog compacted = running.create("compacted", Map.of("cleanup.policy", "compact"));
        running.store.feeds().lead("app", 0, 0);
        await(running.logs.claimFeed("app"));

        await(running.logs.append(
                List.of(
                        new OwnRecords(plain.partition(), records("a")),
                        new OwnRecords(compacted.partition(), records("b"))),
                new Logs.FeedPosition("app", "0/10")));

        assertThat(readAll(plain)).containsExactly("a");
        assertThat(readAll(compacted)).containsExactly("b");
        assertThat(tables()).hasSize(2);
        var classes = new ArrayList<>(
                List.of(database.query("select string_agg(class, ',' order by class) from paillette.segment")
                        .split(",")));
        assertThat(classes).containsExactly("COMPACTED", "WEEK");
    }
}
