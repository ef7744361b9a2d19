package io.paillette.broker.cli.remote;

import io.paillette.function.Language;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is said of a sequence: some properties have an option, every one can be set. */
final class SequenceOptions {

    @Option(
            names = "--tables",
            paramLabel = "PATTERNS",
            description = "Tables whose changes it gets: schema.table, comma-separated, * for any.")
    private @Nullable String tables;

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "Condition on each change, as in \"status = 'paid'\"; Postgres evaluates it.")
    private @Nullable String where;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Its topic, where that is not called as it is.")
    private @Nullable String topic;

    @Option(
            names = "--envelope",
            paramLabel = "ENVELOPE",
            description = "Shape of a record's value: debezium, change, row or wal2json.")
    private @Nullable String envelope;

    @Option(
            names = "--enrich",
            paramLabel = "SQL",
            description = {
                "Query for what else is told of each change, whose columns called as the key's say of which: \"select o.id,",
                "c.name from orders o join customers c on c.id = o.customer_id where o.id = any($1)\"."
            })
    private @Nullable String enrich;

    @Option(
            names = "--functions",
            paramLabel = "FILE",
            description = {
                "Functions that each change goes through, in JavaScript (.js), Lua (.lua) or WebAssembly (.wasm); they need the",
                "envelope change. What the file has is sent."
            })
    private @Nullable Path functions;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = {
                "Any other property, as in the properties file without sequence.NAME.: partitions=6, columns=id,total,",
                "retention.ms=86400000. Without a value the property is taken out. docs/config.md has them all."
            })
    private List<String> set = List.of();

    /** An empty value stands for one that is taken out. */
    Map<String, String> given() throws RefusedException {
        var given = new LinkedHashMap<String, String>();
        put(given, "tables", tables);
        put(given, "where", where);
        put(given, "topic", topic);
        put(given, "envelope", envelope);
        put(given, "enrich", enrich);
        if (functions != null) {
            putFunctions(given, functions);
        }
        for (String one : set) {
            int equals = one.indexOf('=');
            if (equals <= 0) {
                throw new RefusedException("--set " + one + " has no value: write --set KEY=VALUE");
            }
            given.put(
                    one.substring(0, equals).strip(), one.substring(equals + 1).strip());
        }
        return given;
    }

    private static void put(Map<String, String> into, String key, @Nullable String value) {
        if (value != null) {
            into.put(key, value.strip());
        }
    }

    /** As text and its language: both are said, as the sequence that is altered may have another. */
    static void putFunctions(Map<String, String> into, Path file) throws RefusedException {
        Language language = Language.of(file.toString())
                .orElseThrow(() -> new RefusedException(
                        file + " is no file of functions: the end of its name has to be .js, .lua or .wasm"));
        try {
            String text = language.text(Files.readAllBytes(file));
            if (text.isEmpty()) {
                throw new RefusedException(file + " is empty: it has to define any of filter, transform and route");
            }
            into.put("functions.text", text);
        } catch (IOException e) {
            var refused = new RefusedException(file + " cannot be read (" + e + "): give the path of a file"
                    + (language == Language.WASM ? " that is there" : " in UTF-8"));
            refused.initCause(e);
            throw refused;
        }
        into.put(
                "functions.language",
                language == Language.JAVASCRIPT ? "" : language.name().toLowerCase(Locale.ROOT));
    }
}
