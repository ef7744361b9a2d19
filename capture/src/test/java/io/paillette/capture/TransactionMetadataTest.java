package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TransactionMetadataTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = CaptureSettings.of(
            "test",
            Map.of(
                    CaptureOption.URL,
                    database.url(),
                    CaptureOption.SLOT_NAME,
                    "slot_" + database.name(),
                    CaptureOption.SNAPSHOT_MODE,
                    "no_data",
                    CaptureOption.PROVIDE_TRANSACTION_METADATA,
                    "true"));

    @BeforeEach
    void tables() {
        database.execute("create table a (id int primary key)", "create table b (id int primary key)");
    }

    @Test
    void everyRecordHasItsPlaceAndTheEndTellsHowManyThereWere() throws Exception {
        try (var running = RunningCapture.start(settings)) {
            database.execute("do $$ begin insert into a values (1), (2); insert into b values (1);"
                    + " update a set id = 3 where id = 1; delete from a where id = 2; truncate a, b; end $$");
            List<String> told = told(running.await(TransactionMetadataTest::ended));
            assertThat(told)
                    .containsExactly(
                            "BEGIN",
                            "INSERT a 1/1",
                            "INSERT a 2/2",
                            "INSERT b 3/1",
                            "UPDATE a 4/3 5/4",
                            "DELETE a 6/5",
                            "TRUNCATE 7/6 8/2",
                            "END 8 public.a=6 public.b=2");
        }
    }

    @Test
    void messagesCountOnlyWhereTheyAreOfTheTransaction() throws Exception {
        assumeTrue(database.major() >= 14, "Postgres sends logical messages from 14 on");
        try (var running = RunningCapture.start(settings)) {
            database.execute("select pg_logical_emit_message(false, 'p', '')");
            database.execute("do $$ begin perform pg_logical_emit_message(true, 'p', ''); insert into a values (1);"
                    + " perform pg_logical_emit_message(true, 'p', ''); end $$");
            assertThat(told(running.await(TransactionMetadataTest::ended)))
                    .containsExactly(
                            "MESSAGE",
                            "BEGIN",
                            "MESSAGE 1/1",
                            "INSERT a 2/1",
                            "MESSAGE 3/2",
                            "END 3 LOGICAL_DECODING_MESSAGE=2 public.a=1");
        }
    }

    @Test
    void aRestartAtAnyEventOfATransactionTellsTheSamePlacesAndCounts() throws Exception {
        RunningCapture.start(settings).close();
        database.execute("do $$ begin insert into a values (1), (2); update a set id = 3 where id = 1;"
                + " insert into b values (1), (2); truncate a, b; insert into b values (3); end $$");
        List<CaptureEvent> whole;
        try (var running = RunningCapture.start(settings)) {
            whole = List.copyOf(running.await(TransactionMetadataTest::ended));
        }
        assertThat(told(whole)).hasSize(9).endsWith("END 9 public.a=5 public.b=4");
        for (int cut = 0; cut < whole.size() - 1; cut++) {
            List<CaptureEvent> delivered = new ArrayList<>(whole.subList(0, cut + 1));
            try (var running = RunningCapture.resume(settings, whole.get(cut).position())) {
                delivered.addAll(running.await(TransactionMetadataTest::ended));
            }
            assertThat(told(delivered)).as("cut after %s", whole.get(cut)).isEqualTo(told(whole));
            assertThat(delivered)
                    .extracting(CaptureEvent::position)
                    .containsExactlyElementsOf(
                            whole.stream().map(CaptureEvent::position).toList());
        }
    }

    @Test
    void withoutBeingAskedForNothingIsToldAndPositionsAreTheSame() throws Exception {
        var silent = RunningCapture.settings(database);
        RunningCapture.start(silent).close();
        database.execute("insert into a values (1), (2)");
        List<CaptureEvent> plain;
        try (var running = RunningCapture.start(silent)) {
            plain = List.copyOf(running.await(TransactionMetadataTest::ended));
        }
        assertThat(told(plain)).containsExactly("INSERT a", "INSERT a", "END 0");
        try (var running = RunningCapture.start(settings)) {
            assertThat(running.await(TransactionMetadataTest::ended).subList(1, 4))
                    .extracting(CaptureEvent::position)
                    .containsExactlyElementsOf(
                            plain.stream().map(CaptureEvent::position).toList());
        }
    }

    @Test
    void aTransactionThatHoldsNothingForUsIsNotTold() throws Exception {
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "create schema other",
                    "create table other.c (id int)",
                    "insert into other.c values (1)",
                    "insert into a values (1)");
            assertThat(told(running.await(TransactionMetadataTest::ended)))
                    .containsExactly("BEGIN", "INSERT a 1/1", "END 1 public.a=1");
        }
    }

    private static boolean ended(List<CaptureEvent> events) {
        return events.stream().anyMatch(CaptureEvent.Commit.class::isInstance);
    }

    private static List<String> told(List<CaptureEvent> events) {
        List<String> told = new ArrayList<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Begin) {
                told.add("BEGIN");
            } else if (event instanceof CaptureEvent.Row row) {
                told.add(row.kind() + " " + row.relation().name().table() + places(row.orders()));
            } else if (event instanceof CaptureEvent.Truncate truncate) {
                told.add("TRUNCATE" + places(truncate.orders()));
            } else if (event instanceof CaptureEvent.LogicalMessage message) {
                told.add("MESSAGE" + places(message.orders()));
            } else if (event instanceof CaptureEvent.Commit commit) {
                var end = new StringBuilder("END " + commit.events());
                commit.counts().forEach(count -> end.append(' ')
                        .append(count.collection())
                        .append('=')
                        .append(count.events()));
                told.add(end.toString());
            }
        }
        return told;
    }

    private static String places(List<EventOrder> orders) {
        var places = new StringBuilder();
        orders.forEach(
                order -> places.append(' ').append(order.total()).append('/').append(order.inCollection()));
        return places.toString();
    }
}
