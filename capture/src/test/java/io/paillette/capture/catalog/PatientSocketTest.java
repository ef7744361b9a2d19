package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PatientSocketTest {

    private ServerSocket listening;
    private Socket socket;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket = new PatientSockets().createSocket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
        server = listening.accept();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        socket.close();
        listening.close();
    }

    @Test
    void aLookIsPatientOnlyAfterOneThatWasInVain() throws IOException {
        socket.setSoTimeout(1);
        assertThat(socket.getSoTimeout()).isEqualTo(1);
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);

        socket.setSoTimeout(1);
        assertThat(socket.getSoTimeout()).isEqualTo(500);
        server.getOutputStream().write(7);
        assertThat(read()).isEqualTo(7);

        socket.setSoTimeout(1);
        assertThat(socket.getSoTimeout()).isEqualTo(1);
    }

    @Test
    void anyOtherTimeoutIsWhatTheDriverSays() throws IOException {
        socket.setSoTimeout(1);
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);

        socket.setSoTimeout(1_000);
        assertThat(socket.getSoTimeout()).isEqualTo(1_000);
        socket.setSoTimeout(0);
        assertThat(socket.getSoTimeout()).isZero();
    }

    /** As when the driver waits for notifications. */
    @Test
    void aWaitWithALimitMayBeInVainAgainAndAgain() throws IOException {
        socket.setSoTimeout(20);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
        }
        server.getOutputStream().write(7);
        assertThat(read()).isEqualTo(7);
    }

    private int read() throws IOException {
        byte[] one = new byte[1];
        return socket.getInputStream().read(one, 0, 1) < 0 ? -1 : one[0];
    }
}
