package io.paillette.broker.net;

import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * A socket to listen on.
 *
 * @param name unique in one broker, upper case by custom ({@code PLAINTEXT}, {@code INTERNAL})
 * @param host name or address to bind; empty binds every interface
 * @param port 0 takes any free one, told by {@link SocketServer#boundPort}
 */
public record Listener(String name, SecurityProtocol protocol, String host, int port) {

    ListenerName listenerName() {
        return new ListenerName(name);
    }

    @Override
    public String toString() {
        return name + "://" + host + ":" + port;
    }
}
