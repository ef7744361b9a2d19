package io.paillette.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code docs/benchmarks.md}: a template of ours around what the benchmarks printed. A section that was not measured anew
 * keeps what it has.
 */
final class BenchmarksPage {

    private static final Pattern PLACE = Pattern.compile("```text\n@(\\w+)@\n```");
    private static final Pattern PRINTED =
            Pattern.compile("```text\n\\$ benchmarks/run (\\w+)(.*?)\n```", Pattern.DOTALL);
    private static final String NOT_MEASURED = "(not measured yet)";

    private final String template;
    private final Path file;

    BenchmarksPage(Path file) {
        this(resource(), file);
    }

    /** @param template with {@code @name@} alone in a fenced block for each benchmark */
    BenchmarksPage(String template, Path file) {
        this.template = template;
        this.file = file;
    }

    private static String resource() {
        try (var in = BenchmarksPage.class.getResourceAsStream("benchmarks.md")) {
            return new String(Objects.requireNonNull(in, "benchmarks.md").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("benchmarks.md is not among the classes", e);
        }
    }

    /** The benchmarks that have a section, in its order. */
    List<String> names() {
        return PLACE.matcher(template).results().map(place -> place.group(1)).toList();
    }

    /**
     * @param options as they were typed
     * @param printed by the benchmark
     */
    void replace(String name, List<String> options, String printed) {
        var blocks = new TreeMap<>(present());
        blocks.put(name, (" " + String.join(" ", options)).stripTrailing() + "\n\n" + printed.strip());
        write(PLACE.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement("```text\n$ benchmarks/run " + place.group(1)
                        + blocks.getOrDefault(place.group(1), "\n\n" + NOT_MEASURED) + "\n```")));
    }

    private Map<String, String> present() {
        var blocks = new TreeMap<String, String>();
        if (Files.exists(file)) {
            PRINTED.matcher(read()).results().forEach(block -> blocks.put(block.group(1), block.group(2)));
        }
        return blocks;
    }

    private String read() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is unreadable", e);
        }
    }

    private void write(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
