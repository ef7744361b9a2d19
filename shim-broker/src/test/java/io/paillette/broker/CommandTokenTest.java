package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.Commands.Ran;
import io.paillette.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTokenTest {

    private static final String TOKEN = "s3cret";

    @Test
    void aBrokerWithATokenIsAskedWithItFromTheOptionOrTheEnvironmentAndNotWithoutIt(@TempDir Path directory)
            throws Exception {
        try (var broker =
                FedBroker.start(PostgresServer.shared().newDatabase(), directory, "http.token=" + TOKEN + "\n")) {
            Commands commands = Commands.of(broker);
            for (String command : List.of("sequence", "backfill", "replay")) {
                assertThat(commands.http(command, "list", "--token", TOKEN).code())
                        .as(command)
                        .isZero();
                for (Ran refused : List.of(
                        commands.http(command, "list", "--token", "wrong"),
                        commands.http(command, "list", "--token", ""),
                        commands.http(command, "list"))) {
                    assertThat(refused.code()).isEqualTo(2);
                    assertThat(refused.out()).isEmpty();
                    assertThat(refused.err())
                            .contains("this needs the broker's http.token", "--token TOKEN", "PAILLETTE_TOKEN")
                            .doesNotContain(TOKEN);
                }
            }
            assertThat(exitCode(commands.http(), TOKEN)).isZero();
            assertThat(exitCode(commands.http(), "wrong")).isEqualTo(2);
        }
    }

    /** In a process of its own, as only that has an environment of its own. */
    private static int exitCode(String http, String token) throws Exception {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.paillette.broker.Main",
                "sequence",
                "list",
                "--http",
                http);
        builder.environment().put("PAILLETTE_TOKEN", token);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
