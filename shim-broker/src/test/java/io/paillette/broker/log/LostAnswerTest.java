package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.idempotent;
import static io.paillette.broker.log.RunningLogs.readAll;
import static io.paillette.broker.log.RunningLogs.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.CuttingProxy;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The connection breaks after the server has committed and before the log hears of it. */
class LostAnswerTest {

    private static final String MARK = "cut here";

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void aSmallAppendWhoseAnswerIsLostIsStoredOnceAndAcknowledged() throws Exception {
        try (var proxy = new CuttingProxy(database, MARK);
                var running = RunningLogs.on(proxy.database())) {
            PartitionLog log = running.create("orders");
            await(log.append(records("before")));

            proxy.arm(1);
            AppendResult result = await(log.append(records(MARK)));

            assertThat(proxy.cuts()).isEqualTo(1);
            assertThat(result.baseOffset()).isEqualTo(1);
            assertThat(await(log.append(records("after"))).baseOffset()).isEqualTo(2);
            assertThat(readAll(log)).containsExactly("before", MARK, "after");
        }
    }

    @Test
    void aLargeAppendWhoseCommitIsNotAnsweredIsStoredOnceAndAcknowledged() throws Exception {
        String large = "x".repeat(400_000);
        try (var proxy = new CuttingProxy(database, "COMMIT");
                var running = RunningLogs.on(proxy.database())) {
            PartitionLog log = running.create("orders", Map.of("max.message.bytes", "10000000"));
            await(log.append(records("before")));

            proxy.arm(1);
            AppendResult result = await(log.append(records(large)));

            assertThat(proxy.cuts()).isEqualTo(1);
            assertThat(result.baseOffset()).isEqualTo(1);
            assertThat(readAll(log)).containsExactly("before", large);
        }
    }

    @Test
    void anAppendThatIsGivenUpButWasStoredIsFoundAgainByItsRetry() throws Exception {
        var impatient = new LogSettings(1 << 20, 1 << 20, Duration.ZERO, 2, Map.of());
        try (var proxy = new CuttingProxy(database, MARK);
                var running = RunningLogs.on(proxy.database(), impatient)) {
            PartitionLog log = running.create("orders");
            await(log.append(idempotent(5, 0, 0, "before")));

            proxy.arm(1);
            assertThatThrownBy(() -> await(log.append(idempotent(5, 0, 1, MARK))))
                    .isInstanceOf(KafkaStorageException.class);

            Awaitility.await().until(() -> log.highWatermark() == 2);
            assertThat(await(log.append(idempotent(5, 0, 1, MARK))).baseOffset())
                    .isEqualTo(1);
            assertThat(await(log.append(idempotent(5, 0, 2, "after"))).baseOffset())
                    .isEqualTo(2);
            assertThat(readAll(log)).containsExactly("before", MARK, "after");
        }
    }

    @Test
    void moreThanMayWaitIsRefusedSoThatTheClientComesAgain() {
        var tiny = new LogSettings(1 << 20, 100, Duration.ofSeconds(5), 2, Map.of());
        try (var running = RunningLogs.on(database, tiny)) {
            PartitionLog log = running.create("orders");

            assertThatThrownBy(() -> await(log.append(records("x".repeat(200)))))
                    .isInstanceOf(NotEnoughReplicasException.class);
            assertThat(await(log.append(records("y"))).baseOffset()).isZero();
            assertThat(await(log.append(records("z"))).baseOffset()).isEqualTo(1);
        }
    }

    @Test
    void theTailCacheForgetsTheOldestAndReadsGoOn() {
        var small = new LogSettings(1_000, 1 << 20, Duration.ofSeconds(5), 2, Map.of());
        try (var running = RunningLogs.on(database, small)) {
            PartitionLog log = running.create("orders");
            for (int i = 0; i < 50; i++) {
                await(log.append(records("v" + i)));
            }

            assertThat(readAll(log)).hasSize(50).startsWith("v0").endsWith("v49");
            assertThat(log.availableBytes(0, 500, IsolationLevel.READ_UNCOMMITTED))
                    .isEqualTo(500);
            assertThat(log.read(49, 1_000, true)).isCompleted();
            assertThat(log.availableBytes(49, 500, IsolationLevel.READ_UNCOMMITTED))
                    .isLessThan(500);
        }
    }
}
