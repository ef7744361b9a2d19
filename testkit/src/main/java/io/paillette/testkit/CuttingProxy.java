package io.paillette.testkit;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a client and Postgres and loses answers: once armed, a connection that sends the given text is cut as soon
 * as the server's answer to it arrives, so the server has done what it was asked and the client does not know.
 */
public final class CuttingProxy implements AutoCloseable {

    private final Database database;
    private final byte[] trigger;
    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger cutsLeft = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();

    public CuttingProxy(Database database, String trigger) throws IOException {
        this.database = database;
        this.trigger = trigger.getBytes(StandardCharsets.UTF_8);
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** The same database, reached through here. */
    public Database database() {
        return new Database(listener.getLocalPort(), database.name());
    }

    /** The next {@code times} answers to the trigger are lost. */
    public void arm(int times) {
        cutsLeft.set(times);
    }

    public int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                var link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), database.port()));
                threads.execute(link::requests);
                threads.execute(link::answers);
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }

    private final class Link {

        private final Socket client;
        private final Socket server;
        private volatile boolean doomed;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void requests() {
            pump(client, server, true);
        }

        void answers() {
            pump(server, client, false);
        }

        private void pump(Socket from, Socket to, boolean request) {
            byte[] buffer = new byte[1 << 16];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (request && contains(buffer, n) && cutsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        doomed = true;
                    }
                    if (!request && doomed) {
                        cuts.incrementAndGet();
                        return;
                    }
                    to.getOutputStream().write(buffer, 0, n);
                }
            } catch (IOException e) {
                doomed = true; // the other side has closed; so does this one
            }
        }

        private boolean contains(byte[] buffer, int length) {
            for (int at = 0; at + trigger.length <= length; at++) {
                int same = 0;
                while (same < trigger.length && buffer[at + same] == trigger[same]) {
                    same++;
                }
                if (same == trigger.length) {
                    return true;
                }
            }
            return false;
        }
    }
}
