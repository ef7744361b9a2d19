package io.paillette.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many changes a second functions of sequences are called with, by one thread. */
@Command(
        name = "transform",
        description = "Functions of sequences in JavaScript, Lua and Go, called with one change again and again.",
        mixinStandardHelpOptions = true)
final class TransformCommand implements Callable<Integer> {

    private static final double GOAL_CALLS = 100_000;
    private static final int AT_ONCE = 500;

    private static final String CHANGE =
            """
            {"record":{"id":4711,"customer":42,"status":"paid","total":199.90,"created":"2026-11-27T10:00:00Z",\
            "note":"to be left with the neighbours, who are at home until six"},"changes":{"status":"new"},\
            "action":"update","metadata":{"table_schema":"public","table_name":"orders",\
            "commit_timestamp":"2026-11-27T10:00:01.127470Z","commit_lsn":123456789,"commit_idx":0,\
            "idempotency_key":"YXBwOjEyMzQ1Njc4OTow","transaction_annotations":null,"database_name":"app",\
            "consumer":{"name":"orders"},"database":{"name":"app","database":"postgres"}}}""";

    @Option(names = "--seconds", defaultValue = "2", description = "Of a round (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "Of which the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "8",
            description = "Rounds of each function that do not count (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Choice(String name, String file, byte[] content) {

        static Choice of(String name, String file, String text) {
            return new Choice(name, file, text.getBytes(UTF_8));
        }
    }

    private static final Choice TRANSFORM = Choice.of(
            "JavaScript, transform: three of six fields",
            "functions.js",
            "function transform(action, record) {"
                    + " return { id: record.id, cents: record.total * 100, status: record.status.toUpperCase() } }");

    /** From the root of the repository, where {@code benchmarks/run} is. */
    private static final Path GUIDE = Path.of("docs", "guides", "transform.md");

    /** What the guide has in Go, compiled. */
    private static final Path GO =
            Path.of("functions", "src", "test", "resources", "io", "paillette", "function", "guide.wasm");

    private static List<Choice> choices() throws IOException {
        String guide = Files.readString(GUIDE);
        return List.of(
                Choice.of(
                        "JavaScript, filter: one comparison",
                        "functions.js",
                        "function filter(action, record) { return record.total > 100 }"),
                TRANSFORM,
                Choice.of(
                        "JavaScript, transform: all of it",
                        "functions.js",
                        "function transform(action, record, changes, metadata) {"
                                + " return { ...record, action, was: changes, table: metadata.table_name } }"),
                Choice.of(
                        "JavaScript, route: key and a header",
                        "functions.js",
                        "function route(action, record) { return { key: 'c' + record.customer, headers: { action } } }"),
                Choice.of(
                        "Lua, filter: one comparison",
                        "functions.lua",
                        "function filter(action, record) return record.total > 100 end"),
                Choice.of(
                        "Lua, transform: three of six fields",
                        "functions.lua",
                        "function transform(action, record) return"
                                + " { id = record.id, cents = record.total * 100, status = record.status:upper() } end"),
                Choice.of(
                        "Lua, transform: all of it",
                        "functions.lua",
                        "function transform(action, record, changes, metadata)"
                                + " record.action, record.was, record.table = action, changes, metadata.table_name"
                                + " return record end"),
                Choice.of(
                        "Lua, route: key and a header",
                        "functions.lua",
                        "function route(action, record)"
                                + " return { key = 'c' .. record.customer, headers = { action = action } } end"),
                Choice.of("JavaScript, the three of the guide", "functions.js", block(guide, "js")),
                Choice.of("Lua, the three of the guide", "functions.lua", block(guide, "lua")),
                new Choice("Go, the three of the guide", "functions.wasm", Files.readAllBytes(GO)));
    }

    private static String block(String page, String language) {
        String begin = "```" + language + "\n";
        int at = page.indexOf(begin) + begin.length();
        return page.substring(at, page.indexOf("```", at));
    }

    @Override
    public Integer call() throws FunctionException, IOException {
        Say.print(String.format(
                Locale.ROOT,
                "machine   %d cores, JDK %s, load before the run %.1f",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        Say.print("run       a change of " + CHANGE.length() + " bytes, one thread; median of " + rounds + " rounds of "
                + seconds + " s, after " + warmUp);
        var table = new TextTable("function", "calls/s", "slowest", "calls/s of CPU time", "first call, ms");
        double simple = 0;
        for (Choice choice : choices()) {
            double median = measure(choice, table);
            simple = choice.name().equals(TRANSFORM.name()) ? median : simple;
        }
        Say.print("\n" + table);
        Goal.atLeast("calls/s, " + TRANSFORM.name(), simple, GOAL_CALLS);
        return 0;
    }

    private double measure(Choice choice, TextTable table) throws FunctionException {
        Say.note(choice.name());
        byte[] change = CHANGE.getBytes(UTF_8);
        long start = System.nanoTime();
        try (var functions = Functions.compile(choice.file(), choice.content(), Functions.LIMIT, line -> {})) {
            functions.call(change);
            double first = (System.nanoTime() - start) / 1e6;
            double[] perSecond = new double[rounds];
            double[] perCpuSecond = new double[rounds];
            for (int round = -warmUp; round < rounds; round++) {
                long cpu = cpuNanos();
                long began = System.nanoTime();
                long calls = 0;
                while (System.nanoTime() - began < seconds * 1_000_000_000L) {
                    for (int i = 0; i < AT_ONCE; i++) {
                        functions.call(change);
                    }
                    calls += AT_ONCE;
                }
                if (round >= 0) {
                    perSecond[round] = calls / ((System.nanoTime() - began) / 1e9);
                    perCpuSecond[round] = calls / ((cpuNanos() - cpu) / 1e9);
                }
            }
            Arrays.sort(perSecond);
            Arrays.sort(perCpuSecond);
            table.row(
                    choice.name(),
                    Figure.whole(perSecond[rounds / 2]),
                    Figure.whole(perSecond[0]),
                    Figure.whole(perCpuSecond[rounds / 2]),
                    Figure.whole(first));
            return perSecond[rounds / 2];
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
