package io.paillette.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Many connections to one broker and everything that waits for an answer or a moment, served by the one thread that calls
 * {@link #until}: a thousand members cost a thousand sockets and no threads. Whatever throws meanwhile ends that call.
 */
final class Wire implements AutoCloseable {

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Shorter pauses are slept, since a selector counts in milliseconds; an answer is noticed that much later at most. */
    private static final long SHORT_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private record Later(long moment, Runnable action) {}

    private final InetSocketAddress broker;
    private final Selector selector;
    private final List<Link> links = new ArrayList<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::moment));

    /** @param bootstrap {@code host:port} */
    Wire(String bootstrap) {
        int colon = bootstrap.lastIndexOf(':');
        this.broker =
                new InetSocketAddress(bootstrap.substring(0, colon), Integer.parseInt(bootstrap.substring(colon + 1)));
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("no selector", e);
        }
    }

    /** A new connection, closed with this at the latest. */
    Link connect() {
        try {
            var channel = SocketChannel.open(broker);
            channel.configureBlocking(false);
            var link = new Link(channel, channel.register(selector, SelectionKey.OP_READ));
            channel.keyFor(selector).attach(link);
            links.add(link);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "connection " + (links.size() + 1) + " to " + broker
                            + " failed: may this user open so many (ulimit -n)?",
                    e);
        }
    }

    void after(Duration pause, Runnable action) {
        at(System.nanoTime() + pause.toNanos(), action);
    }

    /** @param moment as {@link System#nanoTime} tells it */
    void at(long moment, Runnable action) {
        later.add(new Later(moment, action));
    }

    /**
     * Sends, receives and acts until that is so.
     *
     * @param state of what is waited for, for the message when it takes too long
     */
    void until(BooleanSupplier done, Duration limit, Supplier<String> state) {
        long end = System.nanoTime() + limit.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not within " + limit.toSeconds() + " s: " + state.get());
            }
            try {
                select();
            } catch (IOException e) {
                throw new UncheckedIOException("the selector failed", e);
            }
            runDue();
        }
    }

    private void select() throws IOException {
        Later next = later.peek();
        long left = next == null ? LONGEST_PAUSE_NANOS : next.moment() - System.nanoTime();
        if (left >= TimeUnit.MILLISECONDS.toNanos(1)) {
            var unused =
                    selector.select(Wire::serve, TimeUnit.NANOSECONDS.toMillis(Math.min(left, LONGEST_PAUSE_NANOS)));
        } else {
            if (left > 0) {
                LockSupport.parkNanos(Math.min(left, SHORT_PAUSE_NANOS));
            }
            var unused = selector.selectNow(Wire::serve);
        }
    }

    private static void serve(SelectionKey key) {
        ((Link) key.attachment()).serve();
    }

    private void runDue() {
        long now = System.nanoTime();
        for (Later next = later.peek(); next != null && next.moment() - now <= 0; next = later.peek()) {
            later.poll();
            next.action().run();
        }
    }

    @Override
    public void close() {
        links.forEach(Link::close);
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the selector was not closed", e);
        }
    }
}
