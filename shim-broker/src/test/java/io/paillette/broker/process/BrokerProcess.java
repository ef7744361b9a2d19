package io.paillette.broker.process;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged broker as users run it: {@code paillette up} in a JVM of its own, killed and started over the same files. */
final class BrokerProcess implements AutoCloseable {

    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern READY_LINE =
            Pattern.compile("paillette ready +kafka=(\\S+) +http=(\\S+) +postgres=(\\S+)");

    private final ChildJvm.Command command;
    private ChildJvm jvm;
    private Matcher ready;

    private BrokerProcess(ChildJvm.Command command) {
        this.command = command;
        this.jvm = ChildJvm.start(command);
        this.ready = awaitReady();
    }

    /** Started and ready. {@code settings} are the lines of its properties file. */
    static BrokerProcess start(Path directory, Map<String, String> settings) {
        return new BrokerProcess(command(directory, settings));
    }

    /** Started, expected to end by itself. */
    static ChildJvm attempt(Path directory, Map<String, String> settings) {
        return ChildJvm.start(command(directory, settings));
    }

    private static ChildJvm.Command command(Path directory, Map<String, String> settings) {
        try {
            Files.createDirectories(directory);
            Path file = directory.resolve("paillette.properties");
            var lines = new ArrayList<String>();
            settings.forEach((key, value) -> lines.add(key + "=" + value));
            Files.write(file, lines);
            Path target = Peer.root().resolve("shim-broker/target");
            return new ChildJvm.Command(
                    "io.paillette.broker.Main",
                    List.of(target.resolve("classes").toString(), target.resolve("lib") + "/*"),
                    List.of("-Xmx256m"),
                    List.of("up", file.toString()),
                    directory,
                    directory.resolve("broker.log"));
        } catch (IOException e) {
            throw new UncheckedIOException("the settings could not be written", e);
        }
    }

    private Matcher awaitReady() {
        Matcher line = READY_LINE.matcher(jvm.awaitLine("paillette ready", READY));
        if (!line.find()) {
            throw new IllegalStateException("not a ready line: " + jvm.output());
        }
        return line;
    }

    String kafka() {
        return ready.group(1);
    }

    String http() {
        return ready.group(2);
    }

    /** For JDBC. */
    String postgresUrl() {
        URI uri = URI.create(ready.group(3));
        return "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath() + "?user=" + uri.getUserInfo();
    }

    /** SIGKILL, and nothing else: an embedded Postgres goes on. */
    void kill() {
        jvm.kill();
    }

    void startAgain() {
        jvm = ChildJvm.start(command);
        ready = awaitReady();
    }

    int stop() {
        return jvm.terminate(Duration.ofSeconds(60));
    }

    String output() {
        return jvm.output();
    }

    @Override
    public void close() {
        if (jvm.isAlive()) {
            stop();
        }
    }
}
