package io.paillette.testkit;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The packaged shim-broker in a child JVM, as {@code ./paillette up FILE} runs it: on free loopback ports, its files in a
 * temporary directory. Files and ports stay the same over {@link #kill} and {@link #start}.
 *
 * <p>Its embedded Postgres, where it has one, outlives a kill of the broker, as it does for a user; {@link #close} ends it.
 */
public final class BrokerProcess implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final ChildJvm.Command command;
    private final Path directory;
    private ChildJvm jvm;

    private BrokerProcess(ChildJvm.Command command, Path directory) {
        this.command = command;
        this.directory = directory;
        this.jvm = ChildJvm.start(command);
    }

    /**
     * Started and ready.
     *
     * @param jvmOptions heap and collector
     * @param settings   keys of its properties file; listeners, HTTP, embedded port and data directory are set already
     */
    public static BrokerProcess start(List<String> jvmOptions, Map<String, String> settings) {
        Path directory = ApacheKafka.temporaryDirectory("paillette-broker");
        var all = new LinkedHashMap<String, String>();
        all.put("listeners", "PLAINTEXT://127.0.0.1:" + Ports.free());
        all.put("http.listen", "127.0.0.1:" + Ports.free());
        all.put("embedded.port", String.valueOf(Ports.free()));
        all.put("data.dir", directory.resolve("data").toString());
        all.putAll(settings);
        Path file = Text.properties(directory.resolve("broker.properties"), all);
        var broker = new BrokerProcess(
                new ChildJvm.Command(
                        "io.paillette.broker.Main",
                        classPath(),
                        jvmOptions,
                        List.of("up", file.toString()),
                        directory,
                        directory.resolve("broker.log")),
                directory);
        try {
            var unused = broker.ready();
        } catch (IllegalStateException e) {
            broker.close();
            throw e;
        }
        return broker;
    }

    /** Started with nothing but these settings, expected to end by itself; its files are in {@code directory}. */
    public static ChildJvm attempt(Path directory, Map<String, String> settings) {
        Path file = Text.properties(directory.resolve("broker.properties"), settings);
        return ChildJvm.start(new ChildJvm.Command(
                "io.paillette.broker.Main",
                classPath(),
                List.of("-Xmx128m"),
                List.of("up", file.toString()),
                directory,
                directory.resolve("broker.log")));
    }

    private static List<String> classPath() {
        Path target = Peer.root().resolve("shim-broker/target");
        try (var files = Files.list(target)) {
            Path jar = files.filter(
                            file -> file.getFileName().toString().matches("paillette-shim-broker-.*(?<!sources)\\.jar"))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalStateException("no jar in " + target + ": run mvn -pl shim-broker -am package"));
            return List.of(jar.toString(), target.resolve("lib") + "/*");
        } catch (IOException e) {
            throw new UncheckedIOException(target + " is missing: run mvn -pl shim-broker -am package", e);
        }
    }

    /** The line that it prints when clients may connect; waits for it. */
    private String ready() {
        return jvm.awaitLine("paillette ready", LIMIT);
    }

    private String told(String name) {
        Matcher value = Pattern.compile("\\b" + name + "=(\\S+)").matcher(ready());
        if (!value.find()) {
            throw new IllegalStateException("no " + name + "= in: " + ready());
        }
        return value.group(1);
    }

    /** {@code host:port}, for {@code bootstrap.servers}. */
    public String bootstrap() {
        return told("kafka");
    }

    /** Of {@code /health} and {@code /status}. */
    public URI http() {
        return URI.create(told("http"));
    }

    /** What a broker on a database is told, so that it shares it with others. */
    public static Map<String, String> onStore(Database database, int brokerId) {
        return Map.of(
                "store.url",
                "jdbc:postgresql://127.0.0.1:" + database.port() + "/" + database.name(),
                "store.user",
                "postgres",
                "broker.id",
                String.valueOf(brokerId));
    }

    /** The database of its store. */
    public Database store() {
        URI uri = URI.create(told("postgres"));
        return new Database(uri.getPort(), uri.getPath().substring(1));
    }

    public ChildJvm jvm() {
        return jvm;
    }

    /** SIGKILL of the broker alone. */
    public void kill() {
        jvm.kill();
    }

    /** SIGSTOP: from now on it neither answers nor heartbeats, and knows nothing of it. */
    public void freeze() {
        jvm.freeze();
    }

    /** SIGCONT. */
    public void thaw() {
        jvm.thaw();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() {
        return jvm.terminate(LIMIT);
    }

    /** Again, after {@link #kill} or {@link #terminate}, over the same files; returns when it is ready. */
    public void start() {
        jvm = ChildJvm.start(command);
        var unused = ready();
    }

    /** SIGKILL of the embedded Postgres' postmaster, and nothing else; returns when it is gone. */
    public void killPostgres() {
        ProcessHandle postmaster =
                postmaster().orElseThrow(() -> new IllegalStateException("no embedded Postgres runs in " + directory));
        postmaster.destroyForcibly();
        Awaitility.await().atMost(LIMIT).until(() -> !postmaster.isAlive());
    }

    /** Waits until the embedded Postgres answers. */
    public void awaitPostgres() {
        Database store = store();
        Awaitility.await("the broker brings Postgres back")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (var connection = store.connect()) {
                        return connection.isValid(5);
                    }
                });
    }

    private Optional<ProcessHandle> postmaster() {
        Path file = directory.resolve("data/postgres/postmaster.pid");
        try {
            return Files.exists(file)
                    ? ProcessHandle.of(Long.parseLong(
                                    Files.readAllLines(file).get(0).strip()))
                            .filter(ProcessHandle::isAlive)
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is unreadable", e);
        }
    }

    /** Ends it and its embedded Postgres, and removes its files. */
    @Override
    public void close() {
        jvm.close();
        if (postmaster().isPresent()) {
            killPostgres();
        }
        // Backends notice the end of their postmaster and still write a moment longer.
        Awaitility.await()
                .atMost(LIMIT)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> {
                    if (Files.exists(directory)) {
                        ApacheKafka.delete(directory);
                    }
                    return true;
                });
    }
}
