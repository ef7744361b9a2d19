package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureEvent.Commit;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What some of a caller's has been left behind with comes once more, before what follows the position. */
final class ArrearsTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database).storingEveryPosition();

    @BeforeEach
    void table() {
        database.execute("create table t (id int primary key)");
    }

    @Test
    void whatCameAfterAnyRowOfATransactionComesOnceMoreAndThenWhatFollowsThePosition() throws Exception {
        List<CaptureEvent> whole;
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            running.capture().keep(Optional.of(new Lsn(1)));
            database.execute("insert into t values (0)", "insert into t select generate_series(1, 4)");
            whole = List.copyOf(running.await(events -> commits(events) == 2));
            running.storeAll();
            stored = whole.get(whole.size() - 1).position();
        }
        database.execute("insert into t values (5)");
        for (int cut = 0; cut < whole.size() - 1; cut++) {
            Position left = whole.get(cut).position();
            try (var running =
                    RunningCapture.resume(settings, stored, new Arrears(Optional.of(left.end()), Optional.of(left)))) {
                List<CaptureEvent> again =
                        running.await(events -> RunningCapture.texts(events).contains("INSERT t[5]"));
                assertThat(RunningCapture.texts(again))
                        .as("left behind after %s", whole.get(cut))
                        .containsExactlyElementsOf(rest(whole, cut));
                assertThat(again.stream().map(CaptureEvent::position))
                        .as("says when all is told")
                        .contains(stored);
                assertThat(again.stream().filter(event -> stored.isBeyond(event.position())))
                        .extracting(CaptureEvent::position)
                        .containsExactlyElementsOf(whole.subList(cut + 1, whole.size() - 1).stream()
                                .map(CaptureEvent::position)
                                .toList());
            }
        }
    }

    @Test
    void whereNothingFollowedThePositionItIsSaidAllTheSameWhenAllIsTold() throws Exception {
        Position left;
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (0)", "insert into t values (1)");
            List<CaptureEvent> whole = running.await(events -> commits(events) == 2);
            left = whole.get(0).position();
            stored = whole.get(whole.size() - 1).position();
        }
        try (var running =
                RunningCapture.resume(settings, stored, new Arrears(Optional.of(left.end()), Optional.of(left)))) {
            running.await(events -> !events.isEmpty()
                    && events.get(events.size() - 1).position().equals(stored));
            running.storeAll();
            running.awaitMoment();
            running.capture().keep(Optional.empty());
            Awaitility.await().until(() -> confirmed().compareTo(stored.end()) >= 0);
        }
    }

    @Test
    void theSlotKeepsWhatIsInArrearsHoweverFarThePositionIs() throws Exception {
        Position left;
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (0)");
            left = running.await(events -> commits(events) == 1).get(0).position();
            running.capture().keep(Optional.of(left.end()));
            database.execute("insert into t values (1)");
            running.await(events -> commits(events) == 2);
            running.storeAll();
            stored = running.events().get(running.events().size() - 1).position();
        }
        // Also where what is in arrears is not read now.
        try (var running =
                RunningCapture.resume(settings, stored, new Arrears(Optional.of(left.end()), Optional.empty()))) {
            database.execute("insert into t values (2)");
            running.await(events -> commits(events) == 1);
            running.storeAll();
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> confirmed().compareTo(left.end()) <= 0);
        }
    }

    @Test
    void aSlotThatHasLetGoOfWhatIsInArrearsIsRefused() throws Exception {
        Position left;
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (0)", "insert into t values (1)");
            List<CaptureEvent> whole = running.await(events -> commits(events) == 2);
            left = whole.get(0).position();
            running.storeAll();
            stored = running.events().get(running.events().size() - 1).position();
            Awaitility.await().until(() -> confirmed().compareTo(left.end()) > 0);
        }
        assertThatThrownBy(() -> RunningCapture.resume(
                        settings, stored, new Arrears(Optional.of(left.end()), Optional.of(left))))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("was advanced by somebody else");
    }

    private static List<String> rest(List<CaptureEvent> whole, int cut) {
        List<String> rest = new ArrayList<>(RunningCapture.texts(whole.subList(cut + 1, whole.size())));
        rest.add("INSERT t[5]");
        return rest;
    }

    private Lsn confirmed() {
        return Lsn.parse(database.query(
                "select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + settings.slot() + "'"));
    }

    private static int commits(List<CaptureEvent> events) {
        return (int) events.stream().filter(Commit.class::isInstance).count();
    }
}
