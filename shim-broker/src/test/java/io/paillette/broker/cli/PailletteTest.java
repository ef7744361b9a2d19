package io.paillette.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process: what is on which stream, and how it ends. */
final class PailletteTest {

    private static final PostgresServer POSTGRES = PostgresServer.shared();

    private final Path directory;

    PailletteTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void upPrintsOneLineWhenClientsMayConnectAndEndsWithZeroOnSigterm() throws Exception {
        var database = POSTGRES.newDatabase();
        Process broker = start("up", file(""), "--set", "store.url=" + database.url());
        try (BufferedReader out = broker.inputReader()) {
            assertThat(out.readLine())
                    .matches("paillette ready  kafka=127\\.0\\.0\\.1:\\d+  http=http://127\\.0\\.0\\.1:\\d+"
                            + "  postgres=postgresql://postgres@127\\.0\\.0\\.1:" + database.port() + "/"
                            + database.name());

            // Process.destroy would also close the streams that are read below.
            broker.toHandle().destroy();

            assertThat(out.readLine()).isNull();
            assertThat(broker.waitFor()).isZero();
            assertThat(Files.readString(errors())).contains("stopping").doesNotContain("Exception");
        } finally {
            broker.destroyForcibly();
        }
    }

    @Test
    void everyMistakeInTheFileIsOneLineAndTheExitCodeIsTwo() throws Exception {
        assertThat(refusal("up", file("listners=PLAINTEXT://:9092\nnum.partitions=none\n")))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("did you mean \"listeners\"?"))
                .anySatisfy(line -> assertThat(line).startsWith("num.partitions (line 2 of "));
    }

    @Test
    void aWrongPasswordIsOneSentence() throws Exception {
        var database = POSTGRES.newDatabase();
        database.execute("drop role if exists nobody_known");
        assertThat(refusal(
                        "up",
                        file(""),
                        "--set",
                        "store.url=jdbc:postgresql://127.0.0.1:" + database.port() + "/" + database.name(),
                        "--set",
                        "store.user=nobody_known"))
                .singleElement()
                .asString()
                .contains("check store.user");
    }

    @Test
    void aDatabaseThatIsNotThereIsOneSentence() throws Exception {
        assertThat(refusal(
                        "up",
                        file(""),
                        "--set",
                        "store.url=jdbc:postgresql://127.0.0.1:" + POSTGRES.port() + "/not_there?user=postgres"))
                .containsExactly("there is no database for postgresql://postgres@127.0.0.1:" + POSTGRES.port()
                        + "/not_there: create it, or correct store.url");
    }

    @Test
    void aServerThatCannotBeReachedIsOneSentence() throws Exception {
        assertThat(refusal("up", file(""), "--set", "store.url=jdbc:postgresql://127.0.0.1:1/x?user=postgres"))
                .singleElement()
                .asString()
                .startsWith("postgresql://postgres@127.0.0.1:1/x cannot be reached: check that Postgres runs there");
    }

    @Test
    void aPortInUseIsOneSentenceThatNamesTheKey() throws Exception {
        var database = POSTGRES.newDatabase();
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refusal(
                            "up",
                            file(""),
                            "--set",
                            "store.url=" + database.url(),
                            "--set",
                            "listeners=PLAINTEXT://127.0.0.1:" + taken.getLocalPort()))
                    .singleElement()
                    .asString()
                    .contains("" + taken.getLocalPort(), "listeners");
        }
    }

    @Test
    void anUnknownCommandEndsWithTwo() throws Exception {
        assertThat(refusal("upp").get(0)).contains("upp");
    }

    @Test
    void aBrokerThatDoesNotAnswerIsOneSentence() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            nobody = socket.getLocalPort();
        }
        assertThat(refusal("topic", "list", "--bootstrap-server", "127.0.0.1:" + nobody))
                .singleElement()
                .asString()
                .startsWith("the broker at 127.0.0.1:" + nobody + " does not answer");
    }

    @Test
    void helpAndVersionAreOnStandardOutput() throws Exception {
        assertThat(output("--version")).singleElement().asString().startsWith("paillette ");
        assertThat(String.join("\n", output("up", "--help"))).contains("--set=KEY=VALUE", "[FILE]");
    }

    private String file(String text) throws IOException {
        String free = "listeners=PLAINTEXT://127.0.0.1:0\nhttp.listen=127.0.0.1:0\n";
        return Files.writeString(directory.resolve("test.properties"), text.isEmpty() ? free : text)
                .toString();
    }

    private List<String> refusal(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(process.inputReader().readLine()).isNull();
        return Files.readAllLines(errors());
    }

    private List<String> output(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    private Path errors() {
        return directory.resolve("stderr");
    }

    private Process start(String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "-Dpaillette.home=" + directory));
        command.add("io.paillette.broker.Main");
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(errors().toFile()).start();
    }
}
