package io.paillette.broker.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.NetworkSend;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.network.Send;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop and its connections. Requests of a connection may be under way at the same time; answers leave in request
 * order. A connection with too much under way or unsent is muted until its client has taken some.
 *
 * <p>Whatever goes wrong with one connection closes that one; the thread ends only by {@link #stop}.
 */
final class Processor implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Processor.class);
    /** Whatever there is to do wakes the thread; but requests that found no memory are looked at anew by polling alone. */
    private static final long POLL_MILLIS = 1_000;

    private static final long OUT_OF_MEMORY_POLL_MILLIS = 100;

    /** In a row, a tenth of a second apart: ten seconds without a single good turn. */
    private static final int HOPELESS_FAILURES = 100;

    private final Listener listener;
    private final String name;
    private final Selector selector;
    private final FrameHandler handler;
    private final NetSettings settings;
    private final MemoryPool requests;
    private final ByteGauge unsent;

    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Exchange> ended = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final CountDownLatch drained = new CountDownLatch(1);
    private final Map<String, Connection> connections = new HashMap<>();
    private final Thread thread;
    private long connectionCount;
    private volatile boolean draining;
    private volatile boolean stopped;

    @SuppressWarnings("this-escape") // the thread is only started by start()
    Processor(
            Listener listener,
            int index,
            Selector selector,
            FrameHandler handler,
            NetSettings settings,
            MemoryPool requests,
            ByteGauge unsent) {
        this.listener = listener;
        this.name = "paillette-net-" + listener.name() + "-" + index;
        this.selector = selector;
        this.handler = handler;
        this.settings = settings;
        this.requests = requests;
        this.unsent = unsent;
        this.thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Hands over a connection just accepted. Bounded by the file descriptors of the process. */
    void take(SocketChannel channel) {
        accepted.add(channel);
        wake();
    }

    /** A gauge: another thread may see it a moment late. */
    int openConnections() {
        return connections.size();
    }

    /** Reads no more requests; answers go on. */
    void drain() {
        draining = true;
        wake();
    }

    /** Closes all connections once nothing is under way, or at the deadline. */
    void stop(long deadlineNanos) throws InterruptedException {
        drain();
        if (!drained.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            log.warn("{}: stopping with requests unanswered", name);
        }
        stopped = true;
        wake();
        thread.join();
    }

    @Override
    public void run() {
        int failuresInARow = 0;
        while (!stopped) {
            try {
                turn();
                failuresInARow = 0;
            } catch (Throwable e) { // the root of this thread: it outlives whatever passes
                log.error("{}: unexpected failure, going on", name, e);
                if (++failuresInARow > HOPELESS_FAILURES) {
                    throw new IllegalStateException(name + " cannot go on", e); // ends the process
                }
                if (failuresInARow > 3) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                }
            }
        }
        closeAll();
    }

    private void turn() throws IOException {
        registerAccepted();
        settleEnded();
        selector.poll(requests.isOutOfMemory() ? OUT_OF_MEMORY_POLL_MILLIS : POLL_MILLIS);
        awake.set(false);
        // Snapshots: closing a connection while walking changes the selector's own collections.
        for (NetworkReceive receive : List.copyOf(selector.completedReceives())) {
            guarded(receive.source(), () -> receive(receive));
        }
        for (NetworkSend send : List.copyOf(selector.completedSends())) {
            guarded(send.destinationId(), () -> sent(send.destinationId()));
        }
        for (String gone : List.copyOf(selector.disconnected().keySet())) {
            forget(gone);
        }
        if (draining) {
            List.copyOf(connections.values()).forEach(c -> guarded(c.id(), () -> adjustGate(c)));
            if (connections.values().stream().allMatch(c -> c.underWay() == 0)) {
                drained.countDown();
            }
        }
    }

    private void registerAccepted() {
        for (SocketChannel channel = accepted.poll(); channel != null; channel = accepted.poll()) {
            try {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                String id = connectionId(channel);
                selector.register(id, channel);
                connections.put(id, new Connection(id));
            } catch (IOException | RuntimeException e) {
                log.warn("{}: connection lost while it was being set up: {}", name, e.toString());
                closeQuietly(channel);
            }
        }
    }

    /** Kafka's form, unique in a process: local and remote address, processor, running number. */
    private String connectionId(SocketChannel channel) throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        return "%s:%d-%s:%d-%s-%d"
                .formatted(
                        local.getAddress().getHostAddress(),
                        local.getPort(),
                        remote.getAddress().getHostAddress(),
                        remote.getPort(),
                        name,
                        connectionCount++);
    }

    private void receive(NetworkReceive receive) {
        Connection connection = connections.get(receive.source());
        KafkaChannel channel = channel(receive.source());
        if (connection == null || channel == null) {
            Exchange.release(receive);
            return;
        }
        Exchange exchange = new Exchange(connection, receive, this::exchangeEnded);
        connection.begin(exchange);
        try {
            handler.handle(new Frame(peer(channel), receive.payload()), exchange);
        } catch (RuntimeException | Error e) {
            exchange.nothing(); // gives the bytes back
            if (e instanceof Error) {
                log.error("{}: a request of connection {} could not be handled", name, connection.id(), e);
            }
            close(connection.id(), e.toString());
            return;
        }
        adjustGate(connection);
    }

    private Peer peer(KafkaChannel channel) {
        return new Peer(
                channel.id(),
                channel.socketAddress(),
                channel.socketPort(),
                channel.principal(),
                listener.listenerName(),
                listener.protocol(),
                channel.channelMetadataRegistry());
    }

    private void exchangeEnded(Exchange exchange) {
        ended.add(exchange);
        wake();
    }

    /** One wake-up per turn is enough however many answers arrive; none when this thread is not asleep. */
    private void wake() {
        if (Thread.currentThread() != thread && awake.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    private void settleEnded() {
        for (Exchange exchange = ended.poll(); exchange != null; exchange = ended.poll()) {
            Exchange one = exchange;
            guarded(one.connection().id(), () -> settle(one));
        }
    }

    private void settle(Exchange exchange) {
        Connection connection = exchange.connection();
        exchange.settle(!connection.gone());
        if (!connection.gone()) {
            connection.built(exchange.builtBytes());
            unsent.add(exchange.builtBytes());
            advance(connection);
        }
    }

    private void sent(String id) {
        Connection connection = connections.get(id);
        if (connection != null) {
            unsent.add(-connection.finishHead());
            advance(connection);
        }
    }

    /** Sends the next answer that is due, then decides whether to read on. */
    private void advance(Connection connection) {
        for (Exchange next = connection.next(); next != null; next = connection.next()) {
            String reason = next.closeReason();
            if (reason != null) {
                close(connection.id(), reason);
                return;
            }
            Send answer = next.built();
            if (answer == null) {
                connection.finishHead();
            } else if (channel(connection.id()) == null) {
                forget(connection.id());
                return;
            } else {
                connection.sendingHead();
                selector.send(new NetworkSend(connection.id(), answer));
            }
        }
        adjustGate(connection);
    }

    private void adjustGate(Connection connection) {
        int limit = unsent.exceeded() ? 1 : settings.maxUnderWay();
        boolean full =
                draining || connection.underWay() >= limit || connection.unsentBytes() >= settings.maxUnsentBytes();
        if (full == connection.muted() || connection.gone() || channel(connection.id()) == null) {
            return;
        }
        connection.muted(full);
        if (full) {
            selector.mute(connection.id());
        } else {
            selector.unmute(connection.id());
        }
    }

    private @Nullable KafkaChannel channel(String id) {
        KafkaChannel open = selector.channel(id);
        return open != null ? open : selector.closingChannel(id);
    }

    private void guarded(String id, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            log.error("{}: connection {} failed", name, id, e);
            close(id, e.toString());
        }
    }

    private void close(String id, String reason) {
        log.warn("closing connection {}: {}", id, reason);
        forget(id);
        selector.close(id);
    }

    private void forget(String id) {
        Connection connection = connections.remove(id);
        if (connection != null) {
            unsent.add(-connection.leave());
        }
    }

    private void closeAll() {
        for (SocketChannel channel = accepted.poll(); channel != null; channel = accepted.poll()) {
            closeQuietly(channel);
        }
        List.copyOf(connections.keySet()).forEach(this::forget);
        try {
            selector.close();
        } catch (RuntimeException e) {
            log.warn("{}: closing: {}", name, e.toString());
        }
    }

    private void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("{}: closing a socket", name, e);
        }
    }
}
