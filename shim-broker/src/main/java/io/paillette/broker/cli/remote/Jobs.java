package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a broker does for a while, and people look on: backfills and replays, as the API has them.
 *
 * @param kind    one of them is called so; the page of all has an s more
 * @param counted on the progress bar
 * @param columns of the table, in their order
 */
record Jobs(String kind, ProgressBar.Of counted, List<Column> columns) {

    private static final long PAUSE_MILLIS = 200;
    private static final String DONE = "DONE";
    private static final Set<String> ENDS = Set.of(DONE, "FAILED", "CANCELLED");

    /** @param field of the page; null where the page does not have it */
    record Column(String title, String field) {

        /** Called as its field. */
        static Column of(String name) {
            return new Column(name, name);
        }

        private @Nullable Object value(JsonNode page) {
            JsonNode value = page.path(field);
            if (value.isNumber()) {
                return value.longValue();
            }
            return value.isMissingNode() ? null : value.asText();
        }
    }

    Jobs {
        columns = List.copyOf(columns);
    }

    /** @param wait until it has ended, which is a refusal unless it is done */
    int start(HttpRemote remote, Answer answer, Map<String, String> asked, boolean wait) throws InterruptedException {
        return Task.run(answer, () -> {
            JsonNode job = remote.send("POST", pages(), asked);
            if (wait) {
                job = awaitEnd(remote, answer, job);
            }
            tell(answer, List.of(job));
            String state = job.path("state").asText();
            if (ENDS.contains(state) && !state.equals(DONE)) {
                throw new RefusedException(kind + " " + job.path("id").asText() + " is " + state + ": "
                        + job.path("fault").asText());
            }
        });
    }

    private JsonNode awaitEnd(HttpRemote remote, Answer answer, JsonNode asked)
            throws RefusedException, InterruptedException {
        var bar = new ProgressBar(answer, counted);
        JsonNode now = asked;
        while (!ENDS.contains(now.path("state").asText())) {
            bar.show(now);
            Thread.sleep(PAUSE_MILLIS);
            now = remote.get(page(asked.path("id").asLong()));
        }
        bar.show(now);
        bar.end();
        return now;
    }

    int list(HttpRemote remote, Answer answer) throws InterruptedException {
        return Task.run(answer, () -> {
            List<JsonNode> all = new ArrayList<>();
            remote.get(pages()).path(pages()).forEach(all::add);
            tell(answer, all);
        });
    }

    /** @param wish pause, resume or cancel */
    int wish(HttpRemote remote, Answer answer, long id, String wish) throws InterruptedException {
        return Task.run(answer, () -> tell(answer, List.of(remote.send("POST", page(id) + "/" + wish, Map.of()))));
    }

    String page(long id) {
        return pages() + "/" + id;
    }

    private String pages() {
        return kind + "s";
    }

    private void tell(Answer answer, List<JsonNode> jobs) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (JsonNode job : jobs) {
            var row = new ArrayList<@Nullable Object>();
            columns.forEach(column -> row.add(column.value(job)));
            rows.add(row);
        }
        answer.table(columns.stream().map(Column::title).toList(), rows);
    }
}
