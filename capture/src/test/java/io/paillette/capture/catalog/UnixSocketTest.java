package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {

    @TempDir
    private Path directory;

    private ServerSocketChannel listening;
    private SocketChannel server;
    private Socket socket;

    @BeforeEach
    void connect() throws IOException {
        Path path = directory.resolve("socket");
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(path));
        socket = new UnixSockets(path.toString()).createSocket("localhost", 5432);
        server = listening.accept();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        server.close();
        listening.close();
    }

    @Test
    void aLookIsPatientOnlyAfterOneThatWasInVain() throws IOException {
        socket.setSoTimeout(1);
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);

        socket.setSoTimeout(1);
        assertThat(socket.getSoTimeout()).isEqualTo(500);
        server.write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(read()).isEqualTo(7);

        socket.setSoTimeout(1);
        assertThat(socket.getSoTimeout()).isEqualTo(1);
    }

    @Test
    void whatIsWrittenArrivesWholeHoweverSlowTheOtherSideReads() throws Exception {
        long seed = System.nanoTime();
        byte[] sent = new byte[5_000_000];
        new Random(seed).nextBytes(sent);
        var writing = CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(sent);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        ByteBuffer received = ByteBuffer.allocate(sent.length);
        while (received.hasRemaining() && server.read(received) >= 0) {
            Thread.onSpinWait();
        }
        writing.get(30, TimeUnit.SECONDS);
        assertThat(received.array()).as("seed %d", seed).isEqualTo(sent);
    }

    @Test
    void aReadEndsWhenTheServerCloses() throws IOException {
        server.close();
        assertThat(read()).isEqualTo(-1);
    }

    @Test
    void aReadThatWaitsFailsWhenTheSocketIsClosedByAnotherThread() throws Exception {
        var reading = CompletableFuture.supplyAsync(() -> {
            try {
                return read();
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        Awaitility.await().until(() -> !reading.isDone());
        socket.close();
        assertThatThrownBy(() -> reading.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        assertThat(socket.isClosed()).isTrue();
    }

    /** As when the driver waits for notifications. */
    @Test
    void aWaitWithALimitMayBeInVainAgainAndAgain() throws IOException {
        socket.setSoTimeout(20);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
        }
        server.write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(read()).isEqualTo(7);
    }

    private int read() throws IOException {
        byte[] one = new byte[1];
        return socket.getInputStream().read(one, 0, 1) < 0 ? -1 : one[0];
    }
}
