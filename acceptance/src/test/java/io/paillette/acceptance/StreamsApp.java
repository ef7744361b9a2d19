package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** One instance of the peer's application on Kafka Streams, with a state directory of its own. */
final class StreamsApp implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration LONGER_THAN_THE_SESSION = Duration.ofSeconds(8);

    private final ChildJvm.Command command;
    private final Path state;
    private ChildJvm jvm;

    private StreamsApp(ChildJvm.Command command, Path state) {
        this.command = command;
        this.state = state;
        this.jvm = ChildJvm.start(command);
    }

    /** For brokers: a member of a streams group that was killed is missed as soon as a classic one of this application. */
    static final Map<String, String> SOON_MISSED = Map.of(
            "group.streams.initial.rebalance.delay.ms",
            "0",
            "group.streams.session.timeout.ms",
            "6000",
            "group.streams.min.session.timeout.ms",
            "6000",
            "group.streams.heartbeat.interval.ms",
            "1000",
            "group.streams.min.heartbeat.interval.ms",
            "1000");

    /** @param protocol Kafka Streams' group.protocol */
    static StreamsApp start(String bootstrap, String protocol, String guarantee, long divisor, Path directory) {
        Path state = directory.resolve("state");
        return new StreamsApp(
                new ChildJvm.Command(
                        "io.paillette.peer.streams.Remainders",
                        Peer.streamsClassPath(),
                        List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of(bootstrap, "app", protocol, guarantee, state.toString(), "2", String.valueOf(divisor)),
                        directory,
                        directory.resolve("streams.log")),
                state);
    }

    void awaitRunning() {
        jvm.awaitLine("streams is RUNNING", LIMIT);
    }

    void assertAlive() {
        assertThat(jvm.isAlive()).as("%s", jvm.output()).isTrue();
    }

    /** SIGKILL. */
    void kill() {
        jvm.kill();
    }

    /** Others take its tasks over, and it does not know of it when it goes on in the middle of them. */
    void freezeAndThaw() {
        jvm.freeze();
        long thaw = System.nanoTime() + LONGER_THAN_THE_SESSION.toNanos();
        Awaitility.await().atMost(LIMIT).until(() -> System.nanoTime() - thaw > 0);
        jvm.thaw();
    }

    /** As when the instance comes back on another machine: its stores must be restored from the changelog. */
    void loseState() {
        try (var files = Files.walk(state)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(state + " is still there", e);
        }
    }

    /** After {@link #kill}; does not wait. */
    void start() {
        jvm = ChildJvm.start(command);
    }

    /** SIGTERM: it finishes what it has begun. */
    void terminate() {
        jvm.terminate(LIMIT);
        assertThat(jvm.output()).contains("closed in time: true");
    }

    @Override
    public void close() {
        jvm.close();
    }
}
