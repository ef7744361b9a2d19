package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A program in Java that a page shows, run from its source as the page says, with ports that are free here. */
final class ProgramOfPage implements AutoCloseable {

    private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path source;
    private final int port;
    private @Nullable Process process;

    ProgramOfPage(Path directory, String text) throws IOException {
        Matcher name = CLASS.matcher(text);
        assertThat(name.find()).as("a public class").isTrue();
        this.source = Files.writeString(directory.resolve(name.group(1) + ".java"), text);
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
    }

    /** @param command with the class path that a reader has, the program, the broker, and a port of the program's own */
    void start(String command, String kafka) throws IOException {
        assertThat(command).matches("java -cp \\S+ " + source.getFileName() + " 127\\.0\\.0\\.1:9092 \\d+");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        source.toString(),
                        kafka,
                        String.valueOf(port))
                .redirectErrorStream(true)
                .redirectOutput(source.resolveSibling("program.log").toFile())
                .start();
    }

    /** @param command of curl, of one page */
    void await(String command, String answer) {
        String page = URI.create(command.substring("curl ".length()).strip()).getPath();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                .build();
        HttpClient client = HttpClient.newHttpClient();
        Awaitility.await(command)
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class) // it has not started yet
                .untilAsserted(() -> assertThat(
                                client.send(request, BodyHandlers.ofString()).body())
                        .isEqualTo(answer));
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
