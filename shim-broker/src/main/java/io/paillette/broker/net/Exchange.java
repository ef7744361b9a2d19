package io.paillette.broker.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.Send;
import org.jspecify.annotations.Nullable;

/** One request under way. Any thread ends it; everything else is the processor thread's. */
final class Exchange implements Reply {

    /** How it ended; exactly one of the three. */
    private record Outcome(@Nullable Supplier<Send> answer, @Nullable String closeReason) {}

    private static final Outcome NOTHING = new Outcome(null, null);

    private final Connection connection;
    private final NetworkReceive receive;
    private final Consumer<Exchange> ended;
    private final AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
    private boolean settled;
    private @Nullable Send built;

    Exchange(Connection connection, NetworkReceive receive, Consumer<Exchange> ended) {
        this.connection = connection;
        this.receive = receive;
        this.ended = ended;
    }

    @Override
    public void send(Supplier<Send> answer) {
        end(new Outcome(answer, null));
    }

    @Override
    public void nothing() {
        end(NOTHING);
    }

    @Override
    public void close(String reason) {
        end(new Outcome(null, reason));
    }

    private void end(Outcome how) {
        if (outcome.compareAndSet(null, how)) {
            ended.accept(this);
        }
    }

    Connection connection() {
        return connection;
    }

    /** Builds the answer if anybody is left to send it to, and gives the request's bytes back to the pool. */
    void settle(boolean build) {
        try {
            Outcome how = outcome.get();
            if (build && how != null && how.answer() != null) {
                built = how.answer().get();
            }
        } finally {
            settled = true;
            release(receive);
        }
    }

    /** Gives the request's bytes back before the request has ended; whoever still reads them may go on. */
    void forgetRequest() {
        release(receive);
    }

    /** Gives a request's bytes back to the pool. */
    static void release(NetworkReceive receive) {
        try {
            receive.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean settled() {
        return settled;
    }

    /** Null when there is nothing to send. */
    @Nullable
    Send built() {
        return built;
    }

    long builtBytes() {
        return built == null ? 0 : built.size();
    }

    /** Null unless the request ended by closing its connection. */
    @Nullable
    String closeReason() {
        Outcome how = outcome.get();
        return how == null ? null : how.closeReason();
    }
}
