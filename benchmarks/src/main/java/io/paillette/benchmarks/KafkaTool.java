package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Kafka's own performance tools, as published, each run in a JVM of its own. */
final class KafkaTool implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** As {@code kafka-producer-perf-test.sh} and {@code kafka-consumer-perf-test.sh}. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx512m",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            // They print numbers as the user writes them.
            "-Duser.language=en",
            "-Duser.country=US");

    private final Path directory;

    KafkaTool() {
        try {
            this.directory = Files.createTempDirectory("paillette-tool");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
    }

    /** Here the tools find their input; removed at the end. */
    Path directory() {
        return directory;
    }

    /** @return what it printed */
    String run(String name, List<String> arguments) {
        return ChildJvm.run(
                new ChildJvm.Command(
                        "org.apache.kafka.tools." + name,
                        Peer.KAFKA_4.classPath(),
                        JVM_OPTIONS,
                        arguments,
                        directory,
                        directory.resolve(name + ".log")),
                LIMIT);
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
