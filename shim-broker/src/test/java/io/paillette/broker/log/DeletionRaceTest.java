package io.paillette.broker.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another broker is in the middle of deleting the same rows, in tables that are never dropped. */
class DeletionRaceTest {

    private static final int ONE_STEP = 500;
    private static final int BATCHES = ONE_STEP + 3;

    private final Database database = PostgresServer.shared().newDatabase();
    private long partitionId;
    private Store store;

    @BeforeEach
    void writeMoreThanOneStepDeletes() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("tables", Map.of("cleanup.policy", "compact"));
            var appended = new ArrayList<CompletableFuture<AppendResult>>();
            for (int i = 0; i < BATCHES; i++) {
                appended.add(log.append(RunningLogs.records("row " + i)));
            }
            appended.forEach(RunningLogs::await);
        }
        partitionId = Long.parseLong(database.query("select id from paillette.partition"));
        store = Store.open(StoreSettings.of(database.url()));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aBrokerThatWaitedForTheOthersDeletionGoesOnWithWhatThatLeft() throws Exception {
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            delete(other);
            CompletableFuture<Boolean> ours = CompletableFuture.supplyAsync(
                    () -> store.logs().segments().deleteSome(partitionId, Long.MAX_VALUE));
            Awaitility.await()
                    .until(() -> database.query("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                    + " and datname = current_database()")
                            .equals("1"));
            other.commit();

            assertThat(ours.get(20, SECONDS)).as("more is left").isTrue();
        }
        while (store.logs().segments().deleteSome(partitionId, Long.MAX_VALUE)) {
            assertThat(rows()).isLessThanOrEqualTo(BATCHES - ONE_STEP);
        }
        assertThat(rows()).isZero();
    }

    @Test
    void aDeletedTopicIsLeftToTheBrokerThatIsFreeingIt() throws Exception {
        database.execute("insert into paillette.dropped_partition values (" + partitionId + ")");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("select from paillette.dropped_partition for update");
            delete(other);

            CompletableFuture<Boolean> ours =
                    CompletableFuture.supplyAsync(() -> store.logs().segments().deleteSomeDropped());
            assertThat(ours.get(20, SECONDS)).as("something to do").isFalse();
            other.commit();
        }
        while (store.logs().segments().deleteSomeDropped()) {
            assertThat(rows()).isLessThanOrEqualTo(BATCHES - ONE_STEP);
        }
        assertThat(rows()).isZero();
        assertThat(database.query("select count(*) from paillette.dropped_partition"))
                .isEqualTo("0");
    }

    private void delete(Connection connection) throws Exception {
        connection
                .createStatement()
                .execute("select paillette.delete_rows_v1(" + partitionId + ", 9223372036854775807, 'COMPACTED', "
                        + ONE_STEP + ")");
    }

    private long rows() {
        return Long.parseLong(database.query("select count(*) from paillette.batch"));
    }
}
