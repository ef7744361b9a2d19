package io.paillette.capture.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Unix-domain socket as the driver wants one, which knows only {@link Socket}: the JDK has such sockets as channels alone
 * (JEP 380). With {@link Patience}. For one thread, save {@link #close}.
 *
 * <p>Whatever address it is told to connect to, it connects to its path. What TCP alone has (keepalive, no delay) is accepted and
 * means nothing.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // channel and selector have locks of their own
final class UnixSocket extends Socket {

    private final Path path;
    private final SocketChannel channel;
    private final Selector selector;
    private final Patience patience = new Patience();
    private final InputStream in = patience.over(new In());
    private final OutputStream out = new Out();
    private @Nullable SelectionKey key;
    private volatile int timeoutMillis;

    UnixSocket(Path path) throws IOException {
        this.path = path;
        this.selector = Selector.open();
        try {
            this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
    }

    @Override
    public void connect(SocketAddress ignored) throws IOException {
        connect();
    }

    @Override
    public void connect(SocketAddress ignored, int timeout) throws IOException {
        connect();
    }

    /** Waits only while the server's queue of connections is full. */
    void connect() throws IOException {
        channel.connect(UnixDomainSocketAddress.of(path));
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public void bind(SocketAddress ignored) {
        // a client needs no path of its own
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    /** From any thread: a read or write that waits fails. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            selector.close();
        }
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return out;
    }

    @Override
    public void setSoTimeout(int millis) {
        timeoutMillis = patience.millis(millis);
    }

    @Override
    public int getSoTimeout() {
        return timeoutMillis;
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // nothing is ever delayed
    }

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setKeepAlive(boolean on) {
        // the end of the other side is always noticed
    }

    @Override
    public boolean getKeepAlive() {
        return true;
    }

    @Override
    public void setReceiveBufferSize(int bytes) throws SocketException {
        set(StandardSocketOptions.SO_RCVBUF, bytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return get(StandardSocketOptions.SO_RCVBUF);
    }

    @Override
    public void setSendBufferSize(int bytes) throws SocketException {
        set(StandardSocketOptions.SO_SNDBUF, bytes);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return get(StandardSocketOptions.SO_SNDBUF);
    }

    private void set(java.net.SocketOption<Integer> option, int value) throws SocketException {
        try {
            channel.setOption(option, value);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private int get(java.net.SocketOption<Integer> option) throws SocketException {
        try {
            return channel.getOption(option);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static SocketException failed(IOException e) {
        var failed = new SocketException(String.valueOf(e.getMessage()));
        failed.initCause(e);
        return failed;
    }

    /** @return false when it took longer than {@code millis}; 0 waits for ever */
    private boolean await(int operation, int millis) throws IOException {
        SelectionKey registered = key;
        if (registered == null) {
            throw new SocketException("not connected to " + path);
        }
        try {
            registered.interestOps(operation);
            int selected = selector.select(millis);
            selector.selectedKeys().clear();
            if (Thread.currentThread().isInterrupted()) {
                throw new SocketException("interrupted while waiting for " + path);
            }
            return selected > 0;
        } catch (ClosedSelectorException | java.nio.channels.CancelledKeyException e) {
            throw closed(e);
        }
    }

    private static SocketException closed(Exception e) {
        var closed = new SocketException("Socket closed");
        closed.initCause(e);
        return closed;
    }

    private final class In extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            ByteBuffer into = ByteBuffer.wrap(target, offset, length);
            try {
                int read = channel.read(into);
                while (read == 0 && length > 0) {
                    if (!await(SelectionKey.OP_READ, timeoutMillis)) {
                        throw new SocketTimeoutException(
                                "nothing came from " + path + " within " + timeoutMillis + " ms");
                    }
                    read = channel.read(into);
                }
                return read;
            } catch (ClosedChannelException e) {
                throw closed(e);
            }
        }
    }

    private final class Out extends OutputStream {

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            ByteBuffer from = ByteBuffer.wrap(source, offset, length);
            try {
                channel.write(from);
                while (from.hasRemaining()) {
                    var unused = await(SelectionKey.OP_WRITE, 0);
                    channel.write(from);
                }
            } catch (ClosedChannelException e) {
                throw closed(e);
            }
        }
    }
}
