package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "backfill",
        description = "Rows of a table once more, into its sequences, beside its changes.",
        footer = {
            "",
            "Examples:",
            "  ./paillette backfill start public.orders --where \"id > 1000\" --wait",
            "  ./paillette backfill pause 7"
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class BackfillCommand {

    private static final String PAGES = "backfills";
    private static final long PAUSE_MILLIS = 200;
    private static final Set<String> ENDS = Set.of("DONE", "FAILED", "CANCELLED");
    private static final List<String> COLUMNS =
            List.of("id", "source", "table", "where", "state", "rows", "estimated rows", "seconds left", "fault");

    @Command(
            name = "start",
            description = "Asks for the rows of a table that is captured; prints its number.",
            mixinStandardHelpOptions = true)
    int start(
            @Mixin HttpRemote remote,
            @Mixin Answer answer,
            @Option(names = "--where", paramLabel = "SQL", description = "Those rows alone.") @Nullable String where,
            @Option(names = "--source", paramLabel = "SOURCE", description = "Where there is more than one.") @Nullable
                    String source,
            @Option(names = "--wait", description = "Show how far it is, until it has ended.") boolean wait,
            @Parameters(paramLabel = "TABLE", description = "With its schema: public.orders.") String table)
            throws InterruptedException {
        return Task.run(answer, () -> {
            var asked = new LinkedHashMap<String, String>();
            asked.put("table", table);
            if (where != null) {
                asked.put("where", where);
            }
            if (source != null) {
                asked.put("source", source);
            }
            JsonNode backfill = remote.send("POST", PAGES, asked);
            if (wait) {
                backfill = awaitEnd(remote, answer, backfill);
            }
            tell(answer, List.of(backfill));
            String state = backfill.path("state").asText();
            if (ENDS.contains(state) && !state.equals("DONE")) {
                throw new RefusedException("backfill " + backfill.path("id").asText() + " is " + state + ": "
                        + backfill.path("fault").asText());
            }
        });
    }

    private static JsonNode awaitEnd(HttpRemote remote, Answer answer, JsonNode asked)
            throws RefusedException, InterruptedException {
        var bar = new ProgressBar(answer, ProgressBar.Of.ROWS);
        JsonNode now = asked;
        while (!ENDS.contains(now.path("state").asText())) {
            bar.show(now);
            Thread.sleep(PAUSE_MILLIS);
            now = remote.get(PAGES + "/" + asked.path("id").asText());
        }
        bar.show(now);
        bar.end();
        return now;
    }

    @Command(
            name = "list",
            description = "Those that were asked for, the newest first, with how far they are.",
            mixinStandardHelpOptions = true)
    int list(@Mixin HttpRemote remote, @Mixin Answer answer) throws InterruptedException {
        return Task.run(answer, () -> {
            List<JsonNode> all = new ArrayList<>();
            remote.get(PAGES).path(PAGES).forEach(all::add);
            tell(answer, all);
        });
    }

    @Command(name = "pause", description = "It stays where it is, also over restarts.", mixinStandardHelpOptions = true)
    int pause(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "pause");
    }

    @Command(name = "resume", description = "It goes on from there.", mixinStandardHelpOptions = true)
    int resume(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "resume");
    }

    @Command(
            name = "cancel",
            description = "It ends; what was read until then stays in the sequence.",
            mixinStandardHelpOptions = true)
    int cancel(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "cancel");
    }

    private static int wish(HttpRemote remote, Answer answer, long id, String wish) throws InterruptedException {
        return Task.run(
                answer, () -> tell(answer, List.of(remote.send("POST", PAGES + "/" + id + "/" + wish, Map.of()))));
    }

    private static void tell(Answer answer, List<JsonNode> backfills) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (JsonNode one : backfills) {
            var row = new ArrayList<@Nullable Object>();
            row.add(one.path("id").asLong());
            row.add(one.path("source").asText());
            row.add(one.path("table").asText());
            row.add(one.path("where").asText());
            row.add(one.path("state").asText());
            row.add(one.path("rows").asLong());
            row.add(one.path("estimatedRows").asLong());
            row.add(one.has("secondsLeft") ? one.path("secondsLeft").asLong() : null);
            row.add(one.path("fault").asText());
            rows.add(row);
        }
        answer.table(COLUMNS, rows);
    }
}
