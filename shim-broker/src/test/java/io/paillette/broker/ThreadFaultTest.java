package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadFaultTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void aThreadThatEndsByAFaultEndsTheProcessWithItsReasonAndCodeOne() throws IOException {
        Path file = Files.writeString(
                directory.resolve("broker.properties"),
                """
                listeners=PLAINTEXT://127.0.0.1:0
                http.listen=
                store.url=%s
                """
                        .formatted(PostgresServer.shared().newDatabase().url()));
        Path trigger = directory.resolve("trigger");
        try (ChildJvm jvm = ChildJvm.start(new ChildJvm.Command(
                Saboteur.class.getName(),
                List.of(System.getProperty("java.class.path")),
                List.of("-Xmx128m"),
                List.of(trigger.toString(), file.toString()),
                directory,
                directory.resolve("broker.log")))) {
            jvm.awaitLine("paillette ready", LIMIT);
            Files.createFile(trigger);

            assertThat(jvm.awaitExit(LIMIT)).isEqualTo(1);
            assertThat(jvm.output()).contains("thread saboteur has failed").contains("StackOverflowError");
        }
    }

    /** The broker as it is, and a thread beside it that overflows its stack once a file is there. */
    static final class Saboteur {

        private Saboteur() {}

        public static void main(String[] arguments) {
            Path trigger = Path.of(arguments[0]);
            Thread thread = new Thread(
                    () -> {
                        while (!Files.exists(trigger)) {
                            LockSupport.parkNanos(10_000_000);
                        }
                        throw new StackOverflowError("of a test");
                    },
                    "saboteur");
            thread.setDaemon(true);
            thread.start();
            Main.main(new String[] {"up", arguments[1]});
        }
    }
}
