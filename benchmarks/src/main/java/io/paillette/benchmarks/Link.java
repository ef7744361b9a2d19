package io.paillette.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.ResponseHeader;

/** One connection of a {@link Wire}: requests go out in order and are answered in order. For the wire's thread alone. */
final class Link implements AutoCloseable {

    private static final String CLIENT = "groups-benchmark";
    private static final int FIRST_BUFFER_BYTES = 4 << 10;

    /** Far above every answer there is; what is larger is no answer. */
    private static final int MAX_ANSWER_BYTES = 8 << 20;

    private record Waiting<A extends ApiMessage>(Call<?, A> call, int correlation, Consumer<A> answered) {

        void answer(ByteBuffer frame) {
            int told = ResponseHeader.parse(frame, call.api().responseHeaderVersion(call.version()))
                    .correlationId();
            if (told != correlation) {
                throw new IllegalStateException(
                        "the broker answered request " + told + " where " + correlation + " was next");
            }
            answered.accept(call.parse().apply(new ByteBufferAccessor(frame), call.version()));
        }
    }

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
    private final Deque<Waiting<?>> waiting = new ArrayDeque<>();
    private ByteBuffer received = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
    private int correlation;

    /** @param channel connected and not blocking */
    Link(SocketChannel channel, SelectionKey key) {
        this.channel = channel;
        this.key = key;
    }

    /** @param answered runs in the wire's thread */
    <Q extends ApiMessage, A extends ApiMessage> void send(Call<Q, A> call, Q request, Consumer<A> answered) {
        waiting.add(new Waiting<>(call, ++correlation, answered));
        unsent.add(call.frame(CLIENT, correlation, request));
        if (unsent.size() == 1) {
            write();
        }
    }

    /** What the selector says it is ready for. */
    void serve() {
        if (key.isValid() && key.isWritable()) {
            write();
        }
        if (key.isValid() && key.isReadable()) {
            read();
        }
    }

    private void write() {
        try {
            for (ByteBuffer next = unsent.peek(); next != null; next = unsent.peek()) {
                channel.write(next);
                if (next.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
                unsent.remove();
            }
            key.interestOps(SelectionKey.OP_READ);
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private void read() {
        try {
            if (channel.read(received) < 0) {
                throw gone(new EOFException("closed by the broker"));
            }
        } catch (IOException e) {
            throw gone(e);
        }
        received.flip();
        while (channel.isOpen() && received.remaining() >= Call.LENGTH_BYTES) {
            int length = received.getInt(received.position());
            if (length < 0 || length > MAX_ANSWER_BYTES) {
                throw new IllegalStateException("the broker announces an answer of " + length + " bytes");
            }
            if (received.remaining() < Call.LENGTH_BYTES + length) {
                keep(Call.LENGTH_BYTES + length);
                return;
            }
            answer(received.slice(received.position() + Call.LENGTH_BYTES, length));
            received.position(received.position() + Call.LENGTH_BYTES + length);
        }
        received.compact();
    }

    private void answer(ByteBuffer frame) {
        Waiting<?> next = waiting.poll();
        if (next == null) {
            throw new IllegalStateException("the broker answered what nobody asked");
        }
        next.answer(frame);
    }

    /** The beginning of an answer that needs so many bytes. */
    private void keep(int bytes) {
        if (received.capacity() >= bytes) {
            received.compact();
        } else {
            received = ByteBuffer.allocate(bytes).put(received);
        }
    }

    private UncheckedIOException gone(IOException e) {
        Waiting<?> first = waiting.peek();
        return new UncheckedIOException(
                "a connection broke "
                        + (first == null
                                ? "while nothing was asked"
                                : "with " + waiting.size() + " unanswered, the first a "
                                        + first.call().api())
                        + ": see what the broker says",
                e);
    }

    /** Answers that are still under way are dropped. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a connection was not closed", e);
        }
    }
}
