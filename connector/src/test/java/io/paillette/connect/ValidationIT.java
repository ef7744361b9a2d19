package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@link ValidationTest} tells, of servers that take their time. */
@Tag("proof")
final class ValidationIT {

    private final PostgresSourceConnector connector = new PostgresSourceConnector();
    private final Map<String, String> config = new HashMap<>(Sample.json());

    @Test
    void aServerWithoutLogicalDecodingIsToldAtItsHost() {
        try (var server = PostgresServer.start(Map.of("wal_level", "replica"))) {
            config.put("database.port", Integer.toString(server.port()));
            assertThat(problems()).containsOnlyKeys("database.hostname");
            assertThat(problems().toString())
                    .contains("wal_level is replica: run ALTER SYSTEM SET wal_level = 'logical'");
        }
    }

    @Test
    void aHostThatDoesNotAnswerIsGivenUp() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            config.put("database.port", Integer.toString(silent.getLocalPort()));
            // The kernel lets one in, whom nobody answers.
            givenUp();
            List<Socket> waiting = new ArrayList<>();
            try {
                // And nobody any more once as many wait as may.
                fill(silent, waiting);
                givenUp();
            } finally {
                for (Socket socket : waiting) {
                    socket.close();
                }
            }
        }
    }

    private void givenUp() {
        long before = System.nanoTime();
        assertThat(problems()).containsOnlyKeys("database.hostname");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(15));
    }

    private static void fill(ServerSocket silent, List<Socket> waiting) throws IOException {
        while (true) {
            var socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort()), 300);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }

    private Map<String, List<String>> problems() {
        return connector.validate(config).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }
}
