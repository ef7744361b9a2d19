package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.readAll;
import static io.paillette.broker.log.RunningLogs.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.log.Logs.FeedPosition;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;

class FencingTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void theOlderOfTwoLeadersCanWriteNoMore() {
        try (var older = RunningLogs.on(database)) {
            PartitionLog stale = older.create("orders");
            await(stale.append(records("a")));
            var resigned = new ArrayList<TopicPartition>();
            older.logs.onResign(resigned::add);
            try (var newer = RunningLogs.on(database)) {
                PartitionLog fresh = newer.log("orders", 0);
                await(fresh.append(records("b")));

                assertThatThrownBy(() -> await(stale.append(records("c"))))
                        .isInstanceOf(NotLeaderOrFollowerException.class);
                assertThatThrownBy(() -> await(stale.append(records("d"))))
                        .isInstanceOf(NotLeaderOrFollowerException.class);

                assertThat(resigned).containsExactly(new TopicPartition("orders", 0));
                assertThat(readAll(fresh)).containsExactly("a", "b");
            }
        }
    }

    @Test
    void aFencedPartitionDoesNotHoldUpItsNeighbours() {
        try (var older = RunningLogs.on(database)) {
            PartitionLog stale = older.create("stale");
            PartitionLog fine = older.create("fine");
            database.execute("update paillette.partition set leader_epoch = leader_epoch + 1 where id = " + stale.id());

            var lost = stale.append(records("a"));
            var kept = fine.append(records("b"));

            assertThat(await(kept).baseOffset()).isZero();
            assertThatThrownBy(() -> await(lost)).isInstanceOf(NotLeaderOrFollowerException.class);
        }
    }

    @Test
    void recordsAndPositionOfAFeedMoveTogether() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog a = running.create("a");
            PartitionLog b = running.create("b");
            running.store.feeds().lead("app", 0, 0);
            assertThat(await(running.logs.claimFeed("app"))).isEmpty();

            await(running.logs.append(
                    List.of(
                            new OwnRecords(a.partition(), records("a1")),
                            new OwnRecords(b.partition(), records("b1", "b2")),
                            new OwnRecords(a.partition(), records("a2"))),
                    new FeedPosition("app", "0/10")));
            await(running.logs.append(List.of(), new FeedPosition("app", "0/20")));

            assertThat(readAll(a)).containsExactly("a1", "a2");
            assertThat(readAll(b)).containsExactly("b1", "b2");
            assertThat(running.store.feeds().load("app")).contains("0/20");
            assertThat(await(running.logs.claimFeed("app"))).contains("0/20");
        }
    }

    @Test
    void aFeedThatWasTakenOverWritesNothing() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("a");
            running.store.feeds().lead("app", 0, 0);
            await(running.logs.claimFeed("app"));
            running.store.feeds().claim("app", 0);

            var late = append(running, log, "late", "0/10");
            var later = append(running, log, "later", "0/20");

            assertThatThrownBy(() -> await(late)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> await(later)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> await(append(running, log, "again", "0/30")))
                    .isInstanceOf(FencedLeaderEpochException.class);
            assertThat(running.store.feeds().load("app")).isEmpty();
            await(running.logs.claimFeed("app"));
            await(append(running, log, "now", "0/10"));
            assertThat(readAll(log)).containsExactly("now");
        }
    }

    @Test
    void afterAFailedAppendOfAFeedNoLaterOnePasses() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog stale = running.create("stale");
            PartitionLog fine = running.create("fine");
            running.store.feeds().lead("app", 0, 0);
            await(running.logs.claimFeed("app"));
            database.execute("update paillette.partition set leader_epoch = leader_epoch + 1 where id = " + stale.id());

            var first = append(running, stale, "1", "0/10");
            var second = append(running, fine, "2", "0/20");

            assertThatThrownBy(() -> await(first)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> await(second)).isInstanceOf(RuntimeException.class);
            assertThat(running.store.feeds().load("app")).isEmpty();
            assertThat(await(fine.append(records("other"))).baseOffset()).isZero();
        }
    }

    @Test
    void afterAnAppendThatIsRefusedAtOnceNoLaterOnePassesEither() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog small = running.create("small", java.util.Map.of("max.message.bytes", "1000"));
            PartitionLog fine = running.create("fine");
            running.store.feeds().lead("app", 0, 0);
            await(running.logs.claimFeed("app"));

            var first = append(running, small, "x".repeat(2000), "0/10");
            var second = append(running, fine, "2", "0/20");

            assertThatThrownBy(() -> await(first)).isInstanceOf(RecordTooLargeException.class);
            assertThatThrownBy(() -> await(second)).isInstanceOf(FencedLeaderEpochException.class);
            assertThat(running.store.feeds().load("app")).isEmpty();
            assertThat(readAll(fine)).isEmpty();
        }
    }

    private static java.util.concurrent.CompletableFuture<Void> append(
            RunningLogs running, PartitionLog log, String value, String position) {
        return running.logs.append(
                List.of(new OwnRecords(log.partition(), records(value))), new FeedPosition("app", position));
    }
}
