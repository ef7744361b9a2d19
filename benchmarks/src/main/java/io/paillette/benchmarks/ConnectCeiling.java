package io.paillette.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** What a worker takes from a connector that has nothing to do. */
record ConnectCeiling(long records, Map<String, String> worker) {

    /** By name: they can only be loaded where Connect is. */
    private static final String CONNECTOR = "io.paillette.benchmarks.ceiling.RepeatingSourceConnector";

    private static final String TASK = "io.paillette.benchmarks.ceiling.RepeatingSourceTask";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    CaptureResult measure() {
        Path plugins = plugin();
        try (var pipeline = new ConnectPipeline(
                plugins,
                Map.of("connector.class", CONNECTOR, "topic", Rows.TOPIC, "records", Long.toString(records)),
                new HashMap<>(worker))) {
            var topic = new Topic(pipeline.bootstrap());
            topic.await();
            Map<Long, Double> before = Usage.cpuByProcess(pipeline.processes());
            long began = topic.awaitStored(1, LIMIT);
            long stored = topic.awaitStored(records, LIMIT);
            topic.readAll(records, LIMIT);
            return CaptureResult.of(pipeline, records, began, stored, System.nanoTime(), before);
        } finally {
            delete(plugins);
        }
    }

    /** A directory for plugin.path with the connector in a jar of its own. */
    private static Path plugin() {
        try {
            Path directory = Files.createTempDirectory("paillette-ceiling");
            Path plugin = Files.createDirectory(directory.resolve("repeating"));
            try (var jar = new JarOutputStream(Files.newOutputStream(plugin.resolve("repeating.jar")))) {
                for (String type : List.of(CONNECTOR, TASK)) {
                    String name = type.replace('.', '/') + ".class";
                    jar.putNextEntry(new JarEntry(name));
                    try (var bytes = ConnectCeiling.class.getClassLoader().getResourceAsStream(name)) {
                        Objects.requireNonNull(bytes, name).transferTo(jar);
                    }
                }
                jar.putNextEntry(new JarEntry("META-INF/services/org.apache.kafka.connect.source.SourceConnector"));
                jar.write(CONNECTOR.getBytes(StandardCharsets.UTF_8));
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("the plugin could not be made", e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be removed", e);
        }
    }
}
