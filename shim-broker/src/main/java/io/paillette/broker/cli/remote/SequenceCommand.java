package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
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
        name = "sequence",
        description = {
            "Sequences: topics that are fed from tables. They are made, changed and removed while the broker runs.",
            "Those of its properties file can be looked at here, and are changed there."
        },
        footer = {
            "",
            "Examples:",
            "  ./paillette sequence create paid --tables public.orders --where \"status = 'paid'\"",
            "  ./paillette sequence alter paid --where \"status = 'paid' and total > 100\"",
            "  ./paillette sequence alter paid --set retention.ms= --set columns=id,total",
            "  ./paillette sequence delete paid --delete-topic",
            "  ./paillette sequence export > sequences.properties",
            "  ./paillette sequence apply sequences.properties --dry-run"
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = ApplyCommand.class)
final class SequenceCommand {

    private static final Duration LONGEST_CHANGE = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 100;
    private static final int WIDEST = 200;

    @Command(name = "list", description = "Each sequence and how it is.", mixinStandardHelpOptions = true)
    int list(@Mixin HttpRemote remote, @Mixin Answer answer) throws InterruptedException {
        return Task.run(answer, () -> {
            List<List<@Nullable Object>> rows = new ArrayList<>();
            for (JsonNode one : remote.get("sequences").path("sequences")) {
                rows.add(List.of(
                        text(one, "name"),
                        text(one, "source"),
                        text(one, "topic"),
                        text(one, "state"),
                        text(one, "definedIn"),
                        text(one.path("properties"), "tables"),
                        text(one.path("properties"), "where")));
            }
            answer.table(List.of("name", "source", "topic", "state", "defined in", "tables", "where"), rows);
        });
    }

    @Command(
            name = "describe",
            description = "All that is known of one: its definition, its state, and from which offsets it holds.",
            mixinStandardHelpOptions = true)
    int describe(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "NAME") String name)
            throws InterruptedException {
        return Task.run(answer, () -> {
            JsonNode page = remote.get(page(name));
            if (answer.isJson()) {
                answer.line(page);
                return;
            }
            List<List<@Nullable Object>> rows = new ArrayList<>();
            for (Map.Entry<String, JsonNode> field : page.properties()) {
                if (field.getValue().isObject()) {
                    field.getValue()
                            .properties()
                            .forEach(inner -> rows.add(List.of(
                                    field.getKey() + "." + inner.getKey(), shortened(plain(inner.getValue())))));
                } else {
                    rows.add(List.of(field.getKey(), shortened(plain(field.getValue()))));
                }
            }
            answer.table(List.of("what", "value"), rows);
        });
    }

    @Command(
            name = "create",
            description = {
                "Makes a sequence. It gets the changes from now on; rows that are there already come with a backfill.",
                "A table that sequences name goes to each of them, and no longer to the topic SOURCE.SCHEMA.TABLE."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Mixin HttpRemote remote,
            @Mixin Answer answer,
            @Mixin SequenceOptions options,
            @Option(names = "--source", paramLabel = "SOURCE", description = "Where there is more than one.") @Nullable
                    String source,
            @Option(names = "--dry-run", description = "Say whether it could be made, and make nothing.") boolean dry,
            @Parameters(paramLabel = "NAME") String name)
            throws InterruptedException {
        return Task.run(answer, () -> {
            Map<String, String> properties = new LinkedHashMap<>(options.given());
            if (source != null) {
                properties.put("source", source);
            }
            properties.values().removeIf(String::isEmpty);
            if (remote.find(page(name)).isThere()) {
                throw new RefusedException(
                        "there is a sequence " + name + " already: ./paillette sequence alter " + name + " changes it");
            }
            change(remote, answer, name, properties, dry);
        });
    }

    @Command(
            name = "alter",
            description = {
                "Changes what is said; all else of it stays. Records up to the offset that is told obey the old definition,",
                "those from there on the new one."
            },
            mixinStandardHelpOptions = true)
    int alter(
            @Mixin HttpRemote remote,
            @Mixin Answer answer,
            @Mixin SequenceOptions options,
            @Option(names = "--dry-run", description = "Say whether it could be changed, and change nothing.")
                    boolean dry,
            @Parameters(paramLabel = "NAME") String name)
            throws InterruptedException {
        return Task.run(answer, () -> {
            Map<String, String> properties = properties(remote.get(page(name)));
            properties.putAll(options.given());
            properties.values().removeIf(String::isEmpty);
            change(remote, answer, name, properties, dry);
        });
    }

    private static void change(
            HttpRemote remote, Answer answer, String name, Map<String, String> properties, boolean dry)
            throws RefusedException, InterruptedException {
        if (dry) {
            remote.send("POST", page(name) + "/validate", properties);
            answer.say("sequence " + name + " can be defined so; nothing was changed");
            return;
        }
        JsonNode now = put(remote, answer, name, properties);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        rows.add(List.of(
                text(now, "name"),
                text(now, "topic"),
                text(now, "state"),
                plain(now.path("effective").path("fromOffset"))));
        answer.table(List.of("name", "topic", "state", "from offset"), rows);
    }

    /** Defines one, and waits until it is fed so; where that takes long, it is said why. */
    static JsonNode put(HttpRemote remote, Answer answer, String name, Map<String, String> properties)
            throws RefusedException, InterruptedException {
        JsonNode now = remote.send("PUT", page(name), properties);
        long deadline = System.nanoTime() + LONGEST_CHANGE.toNanos();
        while (!isHeld(now) && System.nanoTime() < deadline) {
            Thread.sleep(PAUSE_MILLIS);
            now = remote.get(page(name));
        }
        if (!isHeld(now)) {
            answer.say("sequence " + name + " is stored, but its source goes by the earlier definitions still ("
                    + text(now, "state") + (now.has("reason") ? ": " + text(now, "reason") : "") + ")");
        }
        return now;
    }

    /** As it is defined. */
    static Map<String, String> properties(JsonNode page) {
        var properties = new LinkedHashMap<String, String>();
        for (Map.Entry<String, JsonNode> property : page.path("properties").properties()) {
            properties.put(property.getKey(), property.getValue().asText());
        }
        return properties;
    }

    static String page(String name) {
        return "sequences/" + HttpRemote.part(name);
    }

    private static boolean isHeld(JsonNode page) {
        return !text(page, "state").equals("STARTING")
                && page.path("version").equals(page.path("effective").path("version"));
    }

    @Command(
            name = "resume",
            description = {
                "Tries one that has stopped again: it is told what it missed, each change once. One that is altered",
                "is tried by that alone."
            },
            mixinStandardHelpOptions = true)
    int resume(@Mixin HttpRemote remote, @Mixin Answer answer, @Parameters(paramLabel = "NAME") String name)
            throws InterruptedException {
        return Task.run(answer, () -> {
            String page = page(name);
            remote.send("POST", page + "/resume", Map.of());
            answer.say(
                    "sequence " + name + " is tried again; ./paillette sequence describe " + name + " says how it is");
        });
    }

    @Command(
            name = "delete",
            description = "Removes a sequence. Its topic stays, with what it has, for those that read it.",
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin HttpRemote remote,
            @Mixin Answer answer,
            @Option(names = "--delete-topic", description = "Delete its topic as well.") boolean topic,
            @Parameters(paramLabel = "NAME") String name)
            throws InterruptedException {
        return Task.run(answer, () -> remove(remote, answer, name, topic));
    }

    /** Removes one, and waits until its feed has let go of it. */
    static void remove(HttpRemote remote, Answer answer, String name, boolean topic)
            throws RefusedException, InterruptedException {
        remote.send("DELETE", page(name) + (topic ? "?topic=delete" : ""), Map.of());
        long deadline = System.nanoTime() + LONGEST_CHANGE.toNanos();
        while (remote.find(page(name)).isThere()) {
            if (System.nanoTime() > deadline) {
                answer.say("sequence " + name + " is being removed, but its source is fed with it still; see"
                        + " ./paillette sequence describe " + name);
                return;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        answer.say("sequence " + name + " is removed");
    }

    @Command(
            name = "export",
            description = {
                "All sequences as lines of a properties file, with which a broker would have the same ones: their topics as they",
                "are now, and functions themselves in place of their files. Sources and the broker's own keys are not in it."
            },
            mixinStandardHelpOptions = true)
    int export(@Mixin HttpRemote remote, @Mixin Answer answer) throws InterruptedException {
        return Task.run(answer, () -> {
            answer.out().print(remote.text("config"));
            answer.out().flush();
        });
    }

    private static String text(JsonNode page, String field) {
        return page.path(field).asText("");
    }

    /** Of functions, which may be a module of megabytes, the beginning: on one line, as a table has it. */
    static String shortened(String value) {
        String line = value.replaceAll("\\R\\s*", " ");
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST) + "... (" + value.length() + " characters)";
    }

    private static String plain(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.isMissingNode() ? "-" : value.toString();
    }
}
