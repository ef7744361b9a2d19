package io.paillette.broker.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes connections of one listener and deals them out to its processors, in turn. One thread, blocked in accept. */
final class Acceptor implements Runnable, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);
    private static final int BACKLOG = 511;

    private final Listener listener;
    private final ServerSocketChannel socket;
    private List<Processor> processors = List.of();

    private Acceptor(Listener listener, ServerSocketChannel socket) {
        this.listener = listener;
        this.socket = socket;
    }

    /** @throws java.net.BindException when the port is taken or the address is not of this machine */
    static Acceptor bind(Listener listener) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            InetSocketAddress address = listener.host().isEmpty()
                    ? new InetSocketAddress(listener.port())
                    : new InetSocketAddress(listener.host(), listener.port());
            socket.bind(address, BACKLOG);
            return new Acceptor(listener, socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    Listener listener() {
        return listener;
    }

    int port() throws IOException {
        return ((InetSocketAddress) socket.getLocalAddress()).getPort();
    }

    Thread start(List<Processor> dealTo) {
        processors = List.copyOf(dealTo);
        Thread thread = new Thread(this, "paillette-accept-" + listener.name());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        int turn = 0;
        while (socket.isOpen()) {
            try {
                SocketChannel accepted = socket.accept();
                turn = (turn + 1) % processors.size();
                processors.get(turn).take(accepted);
            } catch (ClosedChannelException e) {
                return; // close() was called, which is how this loop ends
            } catch (IOException | RuntimeException e) {
                log.error("{}: could not take a connection ({}); trying again", listener, e.toString());
                // Typically out of file descriptors: the error stays until somebody closes one, so do not spin.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
