package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.broker.cli.remote.Jobs.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private static final Jobs REPLAYS = new Jobs(
            "replay",
            ProgressBar.Of.OFFSETS,
            List.of(
                    Column.of("id"),
                    Column.of("topic"),
                    Column.of("where"),
                    Column.of("to"),
                    Column.of("state"),
                    Column.of("offsets"),
                    new Column("of", "allOffsets"),
                    Column.of("published"),
                    Column.of("gone"),
                    new Column("seconds left", "secondsLeft"),
                    Column.of("fault")));

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
        return REPLAYS.start(remote, answer, asked, wait);
    }

    @Command(
            name = "list",
            description = "Those that were asked for, the newest first, with how far they are.",
            mixinStandardHelpOptions = true)
    int list(@Mixin HttpRemote remote, @Mixin Answer answer) throws InterruptedException {
        return REPLAYS.list(remote, answer);
    }

    @Command(
            name = "describe",
            description = "How far each partition is; with --json all that is known.",
            mixinStandardHelpOptions = true)
    int describe(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return Task.run(answer, () -> {
            JsonNode replay = remote.get(REPLAYS.page(id));
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
        return REPLAYS.wish(remote, answer, id, "pause");
    }

    @Command(
            name = "resume",
            description = "It goes on from there; one that has failed with the record that it failed for.",
            mixinStandardHelpOptions = true)
    int resume(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return REPLAYS.wish(remote, answer, id, "resume");
    }

    @Command(
            name = "cancel",
            description = "It ends; what was published until then stays.",
            mixinStandardHelpOptions = true)
    int cancel(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return REPLAYS.wish(remote, answer, id, "cancel");
    }
}
