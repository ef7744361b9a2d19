package io.paillette.broker.cli.remote;

import io.paillette.broker.cli.remote.Jobs.Column;
import java.util.LinkedHashMap;
import java.util.List;
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
            "  ./paillette backfill start public.orders --sequence paid_orders",
            "  ./paillette backfill pause 7"
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class BackfillCommand {

    private static final Jobs BACKFILLS = new Jobs(
            "backfill",
            ProgressBar.Of.ROWS,
            List.of(
                    Column.of("id"),
                    Column.of("source"),
                    Column.of("table"),
                    Column.of("sequence"),
                    Column.of("where"),
                    Column.of("state"),
                    Column.of("rows"),
                    new Column("estimated rows", "estimatedRows"),
                    new Column("seconds left", "secondsLeft"),
                    Column.of("fault")));

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
            @Option(
                            names = "--sequence",
                            paramLabel = "NAME",
                            description = "Into this one alone, not into the others that read the table.")
                    @Nullable
                    String sequence,
            @Option(names = "--wait", description = "Show how far it is, until it has ended.") boolean wait,
            @Parameters(paramLabel = "TABLE", description = "With its schema: public.orders.") String table)
            throws InterruptedException {
        var asked = new LinkedHashMap<String, String>();
        asked.put("table", table);
        if (where != null) {
            asked.put("where", where);
        }
        if (sequence != null) {
            asked.put("sequence", sequence);
        }
        if (source != null) {
            asked.put("source", source);
        }
        return BACKFILLS.start(remote, answer, asked, wait);
    }

    @Command(
            name = "list",
            description = "Those that were asked for, the newest first, with how far they are.",
            mixinStandardHelpOptions = true)
    int list(@Mixin HttpRemote remote, @Mixin Answer answer) throws InterruptedException {
        return BACKFILLS.list(remote, answer);
    }

    @Command(name = "pause", description = "It stays where it is, also over restarts.", mixinStandardHelpOptions = true)
    int pause(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return BACKFILLS.wish(remote, answer, id, "pause");
    }

    @Command(name = "resume", description = "It goes on from there.", mixinStandardHelpOptions = true)
    int resume(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return BACKFILLS.wish(remote, answer, id, "resume");
    }

    @Command(
            name = "cancel",
            description = "It ends; what was read until then stays in the sequence.",
            mixinStandardHelpOptions = true)
    int cancel(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "ID") long id)
            throws InterruptedException {
        return BACKFILLS.wish(remote, answer, id, "cancel");
    }
}
