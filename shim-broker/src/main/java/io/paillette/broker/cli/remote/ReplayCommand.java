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
        name = "replay",
        description = "Stored records once more: those that match a condition are published to a topic.",
        footer = {
            "",
            "Examples:",
            "  ./paillette replay start app.public.orders --to again --where \"value->'after'->>'status' = 'lost'\" --wait",
            "  ./paillette replay start dead --to orders --from 2026-11-27T10:00:00Z --header why=mended",
            "  ./paillette replay pause 7",
            "",
            "To send a consumer group back instead, so that it reads all from there on again: ./paillette rewind.",
            "To read rows of a table again, as they are now: ./paillette backfill."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ReplayCommand {

    private static final String PAGES = "replays";
    private static final long PAUSE_MILLIS = 200;
    private static final String DONE = "DONE";
    private static final Set<String> ENDS = Set.of(DONE, "FAILED", "CANCELLED");
    private static final List<String> COLUMNS = List.of(
            "id", "topic", "where", "to", "state", "offsets", "of", "published", "gone", "seconds left", "fault");

    @Command(
            name = "start",
            description = {
                "Publishes stored records of a topic that match a condition, and prints its number.",
                "What the topic has now is looked at, partition by partition in order. Key, value, headers and time stay; the headers"
                        + " paillette.replay.topic, .partition and .offset say where a record comes from."
            },
            footer = {
                "",
                "The condition is SQL over one record, evaluated by Postgres:",
                "  value              jsonb         NULL where it is no JSON, or none",
                "  value_text, key    text          \\x00ff where it is no text",
                "  headers            jsonb         an object: headers->>'why'",
                "  \"timestamp\"        timestamptz",
                "  partition          integer       and \"offset\", a bigint, in quotes",
                "",
                "Examples:",
                "  --where \"value->'after'->>'status' = 'lost'\"",
                "  --where \"(value#>>'{after,total}')::numeric > 100 and \\\"timestamp\\\" > now() - interval '1 day'\"",
                "  --where \"key::jsonb->>'id' in (select id::text from lost_orders)\"",
                "  --where \"headers->>'__connect.errors.exception.class.name' is not null\""
            },
            mixinStandardHelpOptions = true)
    int start(
            @Mixin HttpRemote remote,
            @Mixin Answer answer,
            @Option(names = "--where", paramLabel = "SQL", description = "Those records alone; without it, all.")
                    @Nullable
                    String where,
            @Option(
                            names = "--to",
                            paramLabel = "TOPIC",
                            required = true,
                            description =
                                    "A topic of producers, which may be the same one; sequences are written by nobody.")
                    String to,
            @Option(
                            names = "--from",
                            paramLabel = "PLACE",
                            defaultValue = "beginning",
                            description = "beginning, an offset (42) or a time (2026-11-27T10:00:00Z)"
                                    + " (default: ${DEFAULT-VALUE}).")
                    String from,
            @Option(names = "--partition", paramLabel = "N", description = "This one alone.") @Nullable
                    Integer partition,
            @Option(
                            names = "--header",
                            paramLabel = "NAME=VALUE",
                            description = "One more header for each record; may be repeated.")
                    @Nullable
                    Map<String, String> headers,
            @Option(names = "--wait", description = "Show how far it is, until it has ended.") boolean wait,
            @Parameters(paramLabel = "TOPIC", description = "What to read, a sequence or any other topic.")
                    String topic)
            throws InterruptedException {
        return Task.run(answer, () -> {
            var asked = new LinkedHashMap<String, String>();
            asked.put("topic", topic);
            asked.put("to", to);
            asked.put("from", from);
            if (where != null) {
                asked.put("where", where);
            }
            if (partition != null) {
                asked.put("partition", partition.toString());
            }
            if (headers != null) {
                headers.forEach((name, value) -> asked.put("header." + name, value));
            }
            JsonNode replay = remote.send("POST", PAGES, asked);
            if (wait) {
                replay = awaitEnd(remote, answer, replay);
            }
            tell(answer, List.of(replay));
            String state = replay.path("state").asText();
            if (ENDS.contains(state) && !state.equals(DONE)) {
                throw new RefusedException("replay " + replay.path("id").asText() + " is " + state + ": "
                        + replay.path("fault").asText());
            }
        });
    }

    private static JsonNode awaitEnd(HttpRemote remote, Answer answer, JsonNode asked)
            throws RefusedException, InterruptedException {
        var bar = new ProgressBar(answer, ProgressBar.Of.OFFSETS);
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

    @Command(
            name = "describe",
            description = "How far each partition is; with --json all that is known.",
            mixinStandardHelpOptions = true)
    int describe(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return Task.run(answer, () -> {
            JsonNode replay = remote.get(PAGES + "/" + id);
            if (answer.isJson()) {
                answer.line(replay);
                return;
            }
            List<List<@Nullable Object>> rows = new ArrayList<>();
            for (JsonNode share : replay.path("partitions")) {
                rows.add(List.of(
                        share.path("partition").asInt(),
                        share.path("firstOffset").asLong(),
                        share.path("nextOffset").asLong(),
                        share.path("endOffset").asLong(),
                        share.path("records").asLong(),
                        share.path("published").asLong(),
                        share.path("gone").asLong()));
            }
            answer.table(
                    List.of("partition", "first offset", "next offset", "end offset", "records", "published", "gone"),
                    rows);
        });
    }

    @Command(name = "pause", description = "It stays where it is, also over restarts.", mixinStandardHelpOptions = true)
    int pause(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "pause");
    }

    @Command(
            name = "resume",
            description = "It goes on from there; one that has failed with the record that it failed for.",
            mixinStandardHelpOptions = true)
    int resume(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "resume");
    }

    @Command(
            name = "cancel",
            description = "It ends; what was published until then stays.",
            mixinStandardHelpOptions = true)
    int cancel(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return wish(remote, answer, id, "cancel");
    }

    private static int wish(HttpRemote remote, Answer answer, long id, String wish) throws InterruptedException {
        return Task.run(
                answer, () -> tell(answer, List.of(remote.send("POST", PAGES + "/" + id + "/" + wish, Map.of()))));
    }

    private static void tell(Answer answer, List<JsonNode> replays) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (JsonNode one : replays) {
            var row = new ArrayList<@Nullable Object>();
            row.add(one.path("id").asLong());
            row.add(one.path("topic").asText());
            row.add(one.path("where").asText());
            row.add(one.path("to").asText());
            row.add(one.path("state").asText());
            row.add(one.path("offsets").asLong());
            row.add(one.path("allOffsets").asLong());
            row.add(one.path("published").asLong());
            row.add(one.path("gone").asLong());
            row.add(one.has("secondsLeft") ? one.path("secondsLeft").asLong() : null);
            row.add(one.path("fault").asText());
            rows.add(row);
        }
        answer.table(COLUMNS, rows);
    }
}
