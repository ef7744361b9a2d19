package io.paillette.broker.net;

import java.util.function.Supplier;
import org.apache.kafka.common.network.Send;

/** How one request ends. Any thread may call; the first call counts, later ones do nothing. */
public interface Reply {

    /** @param answer called on the connection's own thread when the answer is due to be built */
    void send(Supplier<Send> answer);

    /** The client expects no answer (acks=0). */
    void nothing();

    /** Closes the connection, which is how a client that expects no answer hears of an error. */
    void close(String reason);
}
