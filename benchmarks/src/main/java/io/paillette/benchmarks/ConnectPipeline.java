package io.paillette.benchmarks;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A standalone Connect worker with one connector, writing to an Apache Kafka of its own; JVM options as Kafka's scripts. */
final class ConnectPipeline implements Pipeline {

    private static final List<String> COLLECTOR = List.of(
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent");

    private final ApacheKafka kafka;
    private final ConnectWorker worker;
    private final Path connectorFile;
    private final String connector;

    /**
     * @param plugins   directory for plugin.path
     * @param connector its properties, without name
     * @param overrides of the worker's properties
     */
    ConnectPipeline(Path plugins, Map<String, String> connector, Map<String, String> overrides) {
        this.connector = "bench";
        this.connectorFile = write(connector);
        this.kafka = ApacheKafka.start(Peer.KAFKA_4, with("-Xms1g", "-Xmx1g"), Map.of());
        this.worker = startWorker(plugins, overrides);
        worker.awaitRunning(this.connector);
    }

    private ConnectWorker startWorker(Path plugins, Map<String, String> overrides) {
        try {
            var setup = new ConnectWorker.Setup(
                    Peer.KAFKA_4, kafka.bootstrap(), List.of(plugins), with("-Xms256m", "-Xmx2g"), overrides);
            return ConnectWorker.standalone(setup, List.of(connectorFile));
        } catch (IllegalStateException e) {
            kafka.close();
            throw e;
        }
    }

    private static List<String> with(String... heap) {
        return java.util.stream.Stream.concat(List.of(heap).stream(), COLLECTOR.stream())
                .toList();
    }

    private Path write(Map<String, String> properties) {
        var all = new TreeMap<>(properties);
        all.put("name", connector);
        all.put("tasks.max", "1");
        String text = all.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue().replace("\\", "\\\\") + "\n")
                .collect(Collectors.joining());
        try {
            return Files.writeString(Files.createTempFile("paillette-connector", ".properties"), text);
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary file", e);
        }
    }

    @Override
    public String bootstrap() {
        return kafka.bootstrap();
    }

    @Override
    public void stop() {
        int code = worker.jvm().terminate(Duration.ofSeconds(90));
        // A JVM that ends in good order after SIGTERM says 143.
        if (code != 0 && code != 143) {
            Say.note("the Connect worker ended with " + code + " after SIGTERM");
        }
    }

    @Override
    public void start() {
        worker.start();
    }

    @Override
    public List<ChildJvm> processes() {
        return List.of(worker.jvm(), kafka.jvm());
    }

    @Override
    public void close() {
        worker.close();
        kafka.close();
        try {
            Files.delete(connectorFile);
        } catch (IOException e) {
            throw new UncheckedIOException(connectorFile + " cannot be removed", e);
        }
    }
}
