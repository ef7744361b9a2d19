package io.paillette.broker.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paillette.broker.inbox.InboxStore.Look;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looks into a real inbox as the leader of its partition does, and takes records out as the log does. */
class FloorTest {

    private static final int BROKER = 7;

    private final Database database = PostgresServer.shared().newDatabase();
    private final Floor floor = new Floor(Duration.ZERO);
    private Store store;
    private InboxStore inbox;

    @BeforeEach
    void start() {
        store = Store.open(StoreSettings.of(database.url()));
        inbox = store.inbox();
        database.execute(
                "insert into paillette.topic (id, name) values (md5('t')::uuid, 't')",
                "insert into paillette.partition (topic_id, index, leader_broker) values (md5('t')::uuid, 0, " + BROKER
                        + ")");
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    void theFirstRecordEverIsNotBelowIt() {
        lookAndTake();
        lookAndTake();
        lookAndTake();
        publish();

        assertThat(lookAndTake()).isEqualTo(1);
    }

    @Test
    void aTransactionThatCommitsLateIsNotPassed() throws Exception {
        try (Connection late = database.connect();
                var statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute("select paillette.produce('t', 'k', 'late')");
            for (int i = 0; i < 10; i++) {
                publish();
                assertThat(lookAndTake()).isEqualTo(1);
            }
            assertThat(floor.from()).isLessThanOrEqualTo(1);
            late.commit();
        }
        assertThat(lookAndTake()).isEqualTo(1);
        await().until(() -> {
            lookAndTake();
            return floor.from() == 12;
        });
    }

    @Test
    void whatCouldNotBeMovedIsNotPassed() {
        publish();
        for (int i = 0; i < 5; i++) {
            Look look = look();
            floor.looked(look, false, inbox::transactionId);
            assertThat(look.records()).hasSize(1);
        }
        assertThat(floor.from()).isZero();
    }

    @Test
    void withAnOldSnapshotInUseALookDoesNotPassEverythingThatWasTaken() throws Exception {
        try (Connection old = database.connect();
                var statement = old.createStatement()) {
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("select count(*) from paillette.inbox");
            database.execute("select paillette.produce('t', 'k', i::text) from generate_series(1, 4000) i");
            while (lookAndTake() > 0) {
                // all of it
            }
            await().until(
                            () -> { // somebody else's transaction may be open for a moment, as that of autovacuum
                                lookAndTake();
                                return floor.from() > 4000;
                            });
            assertThat(pagesOfALook(0)).as("without a floor").isGreaterThan(40);
            assertThat(pagesOfALook(floor.from())).isLessThan(10);
        }
    }

    @Test
    void aLookTakesNoMoreThanFitsHeadersIncludedAndOneRecordInAnyCase() {
        database.execute("select paillette.produce('t', 'k', 'v', jsonb_build_object('h', repeat('x', 500000)))"
                + " from generate_series(1, 10)");

        assertThat(inbox.look(BROKER, 0, List.of(), 1000, 2 << 20).records()).hasSize(4);
        assertThat(inbox.look(BROKER, 0, List.of(), 1000, 10).records()).hasSize(1);
        assertThat(inbox.look(BROKER, 0, List.of(), 1000, 2 << 20).all()).isFalse();
        assertThat(inbox.look(BROKER, 0, List.of(), 1000, 20 << 20).all()).isTrue();
    }

    private int pagesOfALook(long from) throws Exception {
        String look = "select * from paillette.read_inbox_v1(" + BROKER + ", " + from + ", '{}', 5000, 1000000)";
        try (Connection session = database.connect();
                var statement = session.createStatement()) {
            statement.execute(look); // reads the catalog
            try (var plan = statement.executeQuery("explain (analyze, buffers, format json) " + look)) {
                plan.next();
                var hits = Pattern.compile("\"Shared Hit Blocks\": (\\d+)").matcher(plan.getString(1));
                assertThat(hits.find()).isTrue();
                return Integer.parseInt(hits.group(1));
            }
        }
    }

    private void publish() {
        database.execute("select paillette.produce('t', 'k', 'v')");
    }

    private Look look() {
        return inbox.look(BROKER, floor.from(), List.of(), 1000, 1 << 20);
    }

    private int lookAndTake() {
        Look look = look();
        if (!look.records().isEmpty()) {
            database.execute("delete from paillette.inbox where id = any ('"
                    + look.records().stream()
                            .map(record -> Long.toString(record.id()))
                            .collect(Collectors.joining(",", "{", "}"))
                    + "')");
        }
        floor.looked(look, true, inbox::transactionId);
        return look.records().size();
    }
}
