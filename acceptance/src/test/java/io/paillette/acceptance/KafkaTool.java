package io.paillette.acceptance;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Kafka's own tools as published, each in a JVM of its own. */
final class KafkaTool {

    static final Duration LIMIT = Duration.ofMinutes(2);

    private final Peer peer;
    private final String bootstrap;
    private final Path directory;

    /** @param directory where they may write */
    KafkaTool(Peer peer, String bootstrap, Path directory) {
        this.peer = peer;
        this.bootstrap = bootstrap;
        this.directory = directory;
    }

    /** Runs it to its end, told the broker by {@code --bootstrap-server}; returns what it wrote, columns one space apart. */
    String run(String mainClass, String arguments) {
        return ChildJvm.run(command(mainClass, "--bootstrap-server " + bootstrap + " " + arguments), LIMIT)
                .replaceAll("[ \t]+", " ");
    }

    /** Starts it with these arguments alone. */
    ChildJvm start(String mainClass, String arguments) {
        return ChildJvm.start(command(mainClass, arguments));
    }

    private ChildJvm.Command command(String mainClass, String arguments) {
        return new ChildJvm.Command(
                mainClass,
                peer.classPath(),
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(arguments.split(" ")),
                directory,
                directory.resolve("tools.log"));
    }
}
