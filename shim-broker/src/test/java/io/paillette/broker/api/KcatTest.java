package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** librdkafka through kcat. */
@EnabledIf(value = "kcatIsInstalled", disabledReason = "kcat is not installed on this machine")
class KcatTest {

    private static final Path KCAT = Path.of("/usr/bin/kcat");

    static boolean kcatIsInstalled() {
        return Files.isExecutable(KCAT);
    }

    @Test
    @Proves(client = "kcat", version = Published.KCAT, what = "writes with every codec, lists, reads, asks for offsets")
    void kcatProducesListsAndConsumes() throws Exception {
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase())) {
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                kcat(broker, "k1:one\nk2:two " + codec + "\n", "-P", "-t", "from-kcat", "-K", ":", "-z", codec);
            }

            assertThat(kcat(broker, "", "-L")).contains("from-kcat", "1 brokers");
            assertThat(kcat(broker, "", "-C", "-t", "from-kcat", "-o", "beginning", "-e", "-q", "-f", "%o %k %s\\n"))
                    .contains("0 k1 one\n1 k2 two none\n", "9 k2 two zstd\n");
            assertThat(kcat(broker, "", "-Q", "-t", "from-kcat:0:-1")).contains("offset 10");
        }
    }

    @Test
    @Proves(client = "kcat", version = Published.KCAT, what = "idempotent producer")
    void anIdempotentLibrdkafkaProducerGetsItsIdAndOffsets() throws Exception {
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase())) {
            kcat(broker, "a\nb\nc\n", "-P", "-t", "idempotent", "-X", "enable.idempotence=true");
            assertThat(kcat(broker, "", "-C", "-t", "idempotent", "-o", "beginning", "-e", "-q", "-f", "%o%s "))
                    .isEqualTo("0a 1b 2c ");
        }
    }

    private static String kcat(RunningApis broker, String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(KCAT.toString(), "-b", broker.bootstrap()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
