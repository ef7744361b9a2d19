package io.paillette.broker.config;

import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * One Kafka listener, or what clients are told about it.
 *
 * @param listener name, upper case; ties an advertised address to the listener it stands for
 * @param protocol how the connection is secured
 * @param address  where to listen or to connect
 */
public record Endpoint(String listener, SecurityProtocol protocol, HostPort address) {

    private static final String SEPARATOR = "://";

    /**
     * Reads {@code NAME://host:port}.
     *
     * @param protocols security protocol by listener name
     * @throws IllegalArgumentException saying what was found and what is expected
     */
    static Endpoint parse(String text, Map<String, SecurityProtocol> protocols) {
        int at = text.indexOf(SEPARATOR);
        if (at <= 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a listener: expected NAME://host:port, as in PLAINTEXT://127.0.0.1:9092");
        }
        String name = text.substring(0, at).strip().toUpperCase(Locale.ROOT);
        SecurityProtocol protocol = protocols.get(name);
        if (protocol == null) {
            throw new IllegalArgumentException("listener " + name
                    + " has no security protocol: add it to listener.security.protocol.map, as in " + name
                    + ":PLAINTEXT");
        }
        if (protocol != SecurityProtocol.PLAINTEXT) {
            throw new IllegalArgumentException(
                    "listener " + name + " asks for " + protocol + ", but only PLAINTEXT is served by this version");
        }
        return new Endpoint(name, protocol, HostPort.parse(text.substring(at + SEPARATOR.length())));
    }

    @Override
    public String toString() {
        return listener + SEPARATOR + address;
    }
}
