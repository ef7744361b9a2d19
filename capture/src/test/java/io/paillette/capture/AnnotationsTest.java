package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.envelope.ChangeJson;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an application writes down beside its changes. */
final class AnnotationsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database = PostgresServer.shared().newDatabase();
    private final ValueJson changes = new ChangeJson("app", "shop", table -> "app." + table, ValueHandling.PLAIN);

    @Test
    void annotationsGoWithTheChangesThatFollowInTheirTransactionAlsoAfterARestartAtAnyEvent() throws Exception {
        assumeTrue(database.major() >= 14, "Postgres sends logical messages from 14 on");
        database.execute("create table t (id int primary key)");
        CaptureSettings settings = CaptureSettings.of(
                database.name(),
                Map.of(
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data",
                        CaptureOption.MESSAGE_PREFIX_EXCLUDE_LIST,
                        ".*annotations.*"));
        RunningCapture.start(settings).close();
        try (var session = database.connect();
                var statement = session.createStatement()) {
            statement.execute("begin; insert into t values (1); " + annotate("sequin", "set", "{\"user\": \"pa\"}")
                    + "insert into t values (2); " + annotate("paillette", "set", "{\"user\": [\"gü\", null]}")
                    + "insert into t values (3); savepoint s; " + annotate("sequin", "set", "{\"never\": 1}")
                    + "insert into t values (4); rollback to savepoint s; insert into t values (5); "
                    + annotate("sequin", "clear", "") + "insert into t values (6); "
                    + annotate("sequin", "set", "not \"JSON") + "insert into t values (7); "
                    + "select pg_logical_emit_message(true, 'sequin:transaction_annotations.set', '\"' || repeat('x', 70000) || '\"'); "
                    + "insert into t values (70); commit");
            statement.execute("insert into t values (8)");
        }
        List<CaptureEvent> whole;
        try (var running = RunningCapture.start(settings)) {
            running.awaitText("INSERT t[8]");
            whole = List.copyOf(running.await(events -> events.get(events.size() - 1) instanceof CaptureEvent.Commit));
        }
        List<String> expected = List.of(
                "1 null",
                "2 {\"user\":\"pa\"}",
                "3 {\"user\":[\"gü\",null]}",
                "5 {\"user\":[\"gü\",null]}",
                "6 null",
                "7 \"not \\\"JSON\"",
                "70 \"left out: 70002 bytes, where 65536 are the most\"",
                "8 null");
        assertThat(annotated(whole)).isEqualTo(expected);
        for (int cut = 0; cut < whole.size() - 1; cut++) {
            List<CaptureEvent> all = new ArrayList<>(whole.subList(0, cut + 1));
            try (var running = RunningCapture.resume(settings, whole.get(cut).position())) {
                int left = whole.size() - all.size();
                all.addAll(running.await(events -> events.size() >= left));
            }
            assertThat(annotated(all)).as("cut after %s", whole.get(cut)).isEqualTo(expected);
        }
    }

    private static String annotate(String by, String verb, String content) {
        return "select pg_logical_emit_message(true, '" + by + ":transaction_annotations." + verb + "', '" + content
                + "'); ";
    }

    private List<String> annotated(List<CaptureEvent> events) throws IOException {
        List<String> annotated = new ArrayList<>();
        for (ChangeRecord record : Told.told(changes, events)) {
            JsonNode value = JSON.readTree(changes.value(record));
            annotated.add(value.at("/record/id") + " " + value.at("/metadata/transaction_annotations"));
        }
        return annotated;
    }
}
