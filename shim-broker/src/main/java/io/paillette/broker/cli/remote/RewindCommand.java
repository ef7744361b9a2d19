package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "rewind",
        description = {
            "Moves a consumer group, back or forward, to a place in a topic: it goes on from there.",
            "A group that does not exist yet begins there. With the change of a row, the partition that has it goes to that"
                    + " very record, the others to the first record of the same time."
        },
        footer = {
            "",
            "Examples:",
            "  ./paillette rewind --group billing --topic app.public.orders --where \"id = 42\" --change last",
            "  ./paillette rewind --group billing --topic app.public.orders --to 2026-11-27T10:00:00Z --fence",
            "  ./paillette rewind --group billing --topic app.public.orders --to beginning --dry-run"
        },
        mixinStandardHelpOptions = true)
final class RewindCommand implements Callable<Integer> {

    /** The broker reads a topic for ten minutes at most. */
    private static final Duration PATIENCE = Duration.ofMinutes(11);

    @Mixin
    private HttpRemote remote = new HttpRemote();

    @Mixin
    private Answer answer = new Answer();

    @Option(
            names = "--group",
            required = true,
            description = "The group. Its consumers must be stopped, or are fenced.")
    private String group = "";

    @Option(names = "--topic", required = true, description = "The topic; others of the group stay where they are.")
    private String topic = "";

    @Option(names = "--partition", paramLabel = "N", description = "This one alone.")
    private @Nullable Integer partition;

    @Option(
            names = "--to",
            paramLabel = "PLACE",
            description = "beginning, end, an offset, a time (2026-11-27T10:00:00Z) or an LSN: then the first record of"
                    + " transactions that were committed there or later.")
    private @Nullable String to;

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "The row that meets this condition now, in the source; with --change which of its changes.")
    private @Nullable String where;

    @Option(
            names = "--key",
            paramLabel = "COLUMN=VALUE[,...]",
            description = "A row, by its key; with --change which of its changes.")
    private @Nullable String key;

    @Option(
            names = "--change",
            paramLabel = "first|last|N",
            description = "Of the row of --where or --key (default: first).")
    private @Nullable String change;

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.TABLE",
            description = "Whose row --where means, in a topic of several tables.")
    private @Nullable String table;

    @Option(
            names = "--fence",
            description =
                    "Members that read leave the group: what they commit after that is refused, and when they come"
                            + " back, with their next heartbeat, they go on at the new place.")
    private boolean fence;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        return Task.run(answer, this::rewind);
    }

    private void rewind() throws RefusedException, InterruptedException {
        var asked = new LinkedHashMap<String, String>();
        asked.put("topic", topic);
        put(asked, "to", to);
        put(asked, "where", where);
        put(asked, "key", key);
        put(asked, "change", change);
        put(asked, "table", table);
        put(asked, "partition", partition);
        put(asked, "fence", fence ? true : null);
        put(asked, "dryRun", dryRun ? true : null);
        tell(remote.send("POST", "groups/" + HttpRemote.part(group) + "/rewind", asked, PATIENCE));
    }

    private static void put(Map<String, String> asked, String name, @Nullable Object value) {
        if (value != null) {
            asked.put(name, value.toString());
        }
    }

    private void tell(JsonNode rewound) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (JsonNode share : rewound.path("partitions")) {
            long offset = share.path("offset").asLong();
            List<@Nullable Object> line = new ArrayList<>();
            line.add(share.path("partition").asInt());
            line.add(share.has("was") ? share.path("was").asLong() : null);
            line.add(offset);
            line.add(share.path("endOffset").asLong() - offset);
            rows.add(line);
        }
        answer.table(List.of("partition", "was", dryRun ? "would be" : "is", "records after it"), rows);
        long fenced = rewound.path("fenced").asLong();
        if (fenced > 0) {
            answer.say(fenced == 1 ? "1 member was fenced" : fenced + " members were fenced");
        }
    }
}
