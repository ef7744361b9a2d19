package io.paillette.broker.cli;

import java.util.Optional;

/**
 * The one line on standard output that says clients may connect; scripts wait for it.
 *
 * @param kafka    {@code host:port} of the first listener, as clients reach it
 * @param http     base URL, or empty when there is no HTTP
 * @param postgres connection URI of the store as psql takes it, without a password
 */
public record ReadyLine(String kafka, Optional<String> http, String postgres) {

    @Override
    public String toString() {
        return "paillette ready  kafka=" + kafka
                + http.map(url -> "  http=" + url).orElse("") + "  postgres=" + postgres;
    }
}
