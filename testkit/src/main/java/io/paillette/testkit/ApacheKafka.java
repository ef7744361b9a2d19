package io.paillette.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real Apache Kafka: one KRaft node, broker and controller in one child JVM, on free loopback ports. Its files and ports
 * stay the same over {@link #kill} and {@link #start}.
 */
public final class ApacheKafka implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final ChildJvm.Command server;
    private final int port;
    private ChildJvm jvm;

    private ApacheKafka(ChildJvm.Command server, int port) {
        this.server = server;
        this.port = port;
        this.jvm = ChildJvm.start(server);
    }

    /** Started and ready, with a small heap, files in a temporary directory. */
    public static ApacheKafka start(Peer peer) {
        return start(peer, List.of("-Xmx384m", "-XX:+UseSerialGC"), Map.of());
    }

    /**
     * Started and ready.
     *
     * @param jvmOptions heap and collector
     * @param overrides  of {@code server.properties}
     */
    public static ApacheKafka start(Peer peer, List<String> jvmOptions, Map<String, String> overrides) {
        Path directory = temporaryDirectory("paillette-kafka");
        int port = Ports.free();
        Path properties = Text.properties(
                directory.resolve("server.properties"), settings(directory, port, Ports.free(), overrides));
        var logging = peer.logging(directory);
        ChildJvm.run(
                new ChildJvm.Command(
                        "kafka.tools.StorageTool",
                        peer.classPath(),
                        options(List.of("-Xmx128m"), logging),
                        List.of("format", "-t", "paillettetestAAAAAAAAA", "-c", properties.toString()),
                        directory,
                        directory.resolve("format.log")),
                START_LIMIT);
        var kafka = new ApacheKafka(
                new ChildJvm.Command(
                        "kafka.Kafka",
                        peer.classPath(),
                        options(jvmOptions, logging),
                        List.of(properties.toString()),
                        directory,
                        directory.resolve("server.log")),
                port);
        kafka.awaitReady();
        return kafka;
    }

    private static Map<String, String> settings(Path directory, int port, int controller, Map<String, String> more) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.putAll(more);
        return settings;
    }

    /** {@code host:port}, for {@code bootstrap.servers}. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public ChildJvm jvm() {
        return jvm;
    }

    /** SIGKILL. */
    public void kill() {
        jvm.kill();
    }

    /** Again, after {@link #kill}, over the same files and on the same port; returns when it is ready. */
    public void start() {
        jvm = ChildJvm.start(server);
        awaitReady();
    }

    private void awaitReady() {
        var unused = jvm.awaitLine("Kafka Server started", START_LIMIT);
    }

    /** Kills it and removes its files. */
    @Override
    public void close() {
        jvm.close();
        delete(server.directory());
    }

    static List<String> options(List<String> own, List<String> logging) {
        return java.util.stream.Stream.concat(own.stream(), logging.stream()).toList();
    }

    static Path temporaryDirectory(String prefix) {
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
    }

    static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be removed", e);
        }
    }
}
