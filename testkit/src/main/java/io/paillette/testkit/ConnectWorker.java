package io.paillette.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A real, unmodified Kafka Connect worker in a child JVM, REST on a free loopback port. Its files and port stay the same
 * over {@link #kill} and {@link #start}.
 */
public final class ConnectWorker implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(4);

    /**
     * What kind of worker, on which Kafka, with which plugins.
     *
     * @param bootstrap  of the Kafka that it writes to
     * @param pluginPath directories of plugins
     * @param jvmOptions heap and collector
     * @param overrides  of the worker's properties: converters, exactly.once.source.support, offset.flush.interval.ms, ...
     */
    public record Setup(
            Peer peer,
            String bootstrap,
            List<Path> pluginPath,
            List<String> jvmOptions,
            Map<String, String> overrides) {

        public Setup {
            pluginPath = List.copyOf(pluginPath);
            jvmOptions = List.copyOf(jvmOptions);
            overrides = Map.copyOf(overrides);
        }

        public Setup(Peer peer, String bootstrap, List<Path> pluginPath, Map<String, String> overrides) {
            this(peer, bootstrap, pluginPath, List.of("-Xmx384m", "-XX:+UseSerialGC"), overrides);
        }
    }

    private final ChildJvm.Command command;
    private final URI rest;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private ChildJvm jvm;

    private ConnectWorker(ChildJvm.Command command, URI rest) {
        this.command = command;
        this.rest = rest;
        this.jvm = ChildJvm.start(command);
        awaitRest();
    }

    /** A standalone worker that runs the connectors of these property files; returns when REST answers. */
    public static ConnectWorker standalone(Setup setup, List<Path> connectors) {
        Path directory = ApacheKafka.temporaryDirectory("paillette-connect");
        return start(
                setup,
                "org.apache.kafka.connect.cli.ConnectStandalone",
                connectors,
                directory,
                Map.of(
                        "offset.storage.file.filename",
                        directory.resolve("offsets").toString()));
    }

    /** A distributed worker of the group {@code group}; returns when REST answers. */
    public static ConnectWorker distributed(Setup setup, String group) {
        return start(
                setup,
                "org.apache.kafka.connect.cli.ConnectDistributed",
                List.of(),
                ApacheKafka.temporaryDirectory("paillette-connect"),
                Map.ofEntries(
                        Map.entry("group.id", group),
                        Map.entry("config.storage.topic", group + "-configs"),
                        Map.entry("offset.storage.topic", group + "-offsets"),
                        Map.entry("status.storage.topic", group + "-status"),
                        Map.entry("config.storage.replication.factor", "1"),
                        Map.entry("offset.storage.replication.factor", "1"),
                        Map.entry("offset.storage.partitions", "1"),
                        Map.entry("status.storage.replication.factor", "1"),
                        Map.entry("status.storage.partitions", "1"),
                        // A killed member must be missed soon.
                        Map.entry("session.timeout.ms", "6000"),
                        Map.entry("heartbeat.interval.ms", "1000"),
                        Map.entry("scheduled.rebalance.max.delay.ms", "0")));
    }

    private static ConnectWorker start(
            Setup setup, String mainClass, List<Path> connectors, Path directory, Map<String, String> mode) {
        int port = Ports.free();
        var properties = new LinkedHashMap<String, String>();
        properties.put("bootstrap.servers", setup.bootstrap());
        properties.put("listeners", "http://127.0.0.1:" + port);
        properties.put("rest.advertised.host.name", "127.0.0.1");
        if (!setup.pluginPath().isEmpty()) {
            properties.put(
                    "plugin.path",
                    String.join(
                            ",", setup.pluginPath().stream().map(Path::toString).toList()));
        }
        properties.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("key.converter.schemas.enable", "false");
        properties.put("value.converter.schemas.enable", "false");
        properties.put("offset.flush.interval.ms", "1000");
        properties.putAll(mode);
        properties.putAll(setup.overrides());
        var arguments = new ArrayList<String>();
        arguments.add(Text.properties(directory.resolve("worker.properties"), properties)
                .toString());
        connectors.forEach(file -> arguments.add(file.toString()));
        var command = new ChildJvm.Command(
                mainClass,
                setup.peer().classPath(),
                ApacheKafka.options(setup.jvmOptions(), setup.peer().logging(directory)),
                arguments,
                directory,
                directory.resolve("worker.log"));
        return new ConnectWorker(command, URI.create("http://127.0.0.1:" + port));
    }

    public ChildJvm jvm() {
        return jvm;
    }

    /** GET of a path such as {@code /connectors/orders/status}: the body. */
    public String get(String path) {
        return send(HttpRequest.newBuilder(rest.resolve(path)).timeout(LIMIT).build());
    }

    /** PUT of a JSON body, such as a connector's configuration to {@code /connectors/orders/config}: the answer's body. */
    public String put(String path, String json) {
        return send(HttpRequest.newBuilder(rest.resolve(path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json))
                .build());
    }

    /** POST of a JSON body. */
    public String post(String path, String json) {
        return send(HttpRequest.newBuilder(rest.resolve(path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build());
    }

    /** PATCH with a JSON body, such as of {@code /connectors/orders/offsets}. */
    public String patch(String path, String json) {
        return send(HttpRequest.newBuilder(rest.resolve(path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(json))
                .build());
    }

    /** DELETE, such as of {@code /connectors/orders}. */
    public String delete(String path) {
        return send(HttpRequest.newBuilder(rest.resolve(path))
                .timeout(LIMIT)
                .DELETE()
                .build());
    }

    /** The body whatever the status code: Connect tells errors in it. */
    private String send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri() + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + request.uri(), e);
        }
    }

    /** Waits until connector and first task run. */
    public void awaitRunning(String connector) {
        awaitStatus(connector, "RUNNING");
    }

    /** Waits until the first task's state is this one, or it fails; returns the status document. */
    public String awaitStatus(String connector, String state) {
        try {
            String status = Awaitility.await()
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptions()
                    .until(
                            () -> get("/connectors/" + connector + "/status"),
                            body -> taskIs(body, state) || taskIs(body, "FAILED"));
            if (!taskIs(status, state)) {
                throw new IllegalStateException(connector + " is not " + state + ": " + status);
            }
            return status;
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(connector + " is not " + state + ":\n" + jvm.output(), e);
        }
    }

    /** Whether the first task runs, as this worker knows. */
    public boolean isRunning(String connector) {
        return taskIs(get("/connectors/" + connector + "/status"), "RUNNING");
    }

    /** Whether {@code worker} has the first task, as this one knows. */
    public boolean isRunner(String connector, ConnectWorker worker) {
        String status = get("/connectors/" + connector + "/status");
        int tasks = status.indexOf("\"tasks\":[");
        return tasks >= 0 && status.indexOf("\"" + worker.rest.getAuthority() + "\"", tasks) >= 0;
    }

    /** Waits until a connector that was told to stop has no task. */
    public void awaitStopped(String connector) {
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> {
                    String status = get("/connectors/" + connector + "/status");
                    return status.contains("\"STOPPED\"") && status.contains("\"tasks\":[]");
                });
    }

    private static boolean taskIs(String status, String state) {
        int tasks = status.indexOf("\"tasks\":[");
        return tasks >= 0 && status.indexOf("\"state\":\"" + state + "\"", tasks) >= 0;
    }

    /** SIGKILL. */
    public void kill() {
        jvm.kill();
    }

    /** Again, after {@link #kill}, over the same files; returns when REST answers. */
    public void start() {
        jvm = ChildJvm.start(command);
        awaitRest();
    }

    private void awaitRest() {
        var unused = jvm.awaitLine("REST resources initialized; server is started and ready to handle requests", LIMIT);
    }

    /** Kills it and removes its files. */
    @Override
    public void close() {
        jvm.close();
        ApacheKafka.delete(command.directory());
    }
}
