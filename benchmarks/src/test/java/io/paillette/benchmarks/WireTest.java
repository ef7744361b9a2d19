package io.paillette.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WireTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ServerSocket server;
    private final Wire wire;
    private final List<Short> answers = new ArrayList<>();

    WireTest() throws IOException {
        this.server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        this.wire = new Wire("127.0.0.1:" + server.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        wire.close();
        server.close();
    }

    @Test
    void answersInPiecesAreMatchedToTheirRequestsInOrder() throws IOException {
        Link link = wire.connect();
        try (Socket broker = server.accept()) {
            ask(link);
            ask(link);
            byte[] first = answer(1, 27);
            byte[] second = answer(2, 25);
            receive(broker);
            receive(broker);
            var out = broker.getOutputStream();
            out.write(first, 0, 2);
            out.flush();
            wire.after(Duration.ofMillis(1), () -> write(broker, first, 2, first.length - 2));
            wire.after(Duration.ofMillis(2), () -> write(broker, second, 0, second.length));
            wire.until(() -> answers.size() == 2, LIMIT, () -> "answers: " + answers);
        }
        assertThat(answers).containsExactly((short) 27, (short) 25);
    }

    @Test
    void aBrokenConnectionSaysWhatWasAsked() throws IOException {
        Link link = wire.connect();
        try (Socket broker = server.accept()) {
            ask(link);
            receive(broker);
        }
        assertThatThrownBy(() -> wire.until(() -> false, LIMIT, () -> "nothing"))
                .hasMessage("a connection broke with 1 unanswered, the first a HEARTBEAT: see what the broker says");
    }

    @Test
    void whatTakesTooLongIsToldWithItsState() {
        assertThatThrownBy(() -> wire.until(() -> false, Duration.ofMillis(1), () -> "1 of 2 groups are stable"))
                .hasMessage("not within 0 s: 1 of 2 groups are stable");
    }

    private void ask(Link link) {
        link.send(
                Call.HEARTBEAT,
                new HeartbeatRequestData().setGroupId("g").setMemberId("m"),
                answer -> answers.add(answer.errorCode()));
    }

    private static void receive(Socket broker) throws IOException {
        var in = new DataInputStream(broker.getInputStream());
        in.readFully(new byte[in.readInt()]);
    }

    private static void write(Socket broker, byte[] bytes, int from, int length) {
        try {
            broker.getOutputStream().write(bytes, from, length);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static byte[] answer(int correlation, int error) {
        var call = Call.HEARTBEAT;
        ByteBuffer head = MessageUtil.toByteBufferAccessor(
                        new ResponseHeaderData().setCorrelationId(correlation),
                        call.api().responseHeaderVersion(call.version()))
                .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(
                        new HeartbeatResponseData().setErrorCode((short) error), call.version())
                .buffer();
        int length = head.remaining() + body.remaining();
        return ByteBuffer.allocate(4 + length)
                .putInt(length)
                .put(head)
                .put(body)
                .array();
    }
}
