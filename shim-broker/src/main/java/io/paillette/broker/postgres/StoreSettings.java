package io.paillette.broker.postgres;

import java.time.Duration;
import java.util.Optional;

/**
 * How to reach the store.
 *
 * @param url              a JDBC URL; user and password may be part of it
 * @param statementTimeout longest single statement; the server cancels what takes longer
 * @param coldReads        how many reads that miss the tail cache run at once, each on a connection of its own
 * @param generalPool      connections for everything but appends and cold reads
 */
public record StoreSettings(
        String url,
        Optional<String> user,
        Optional<String> password,
        Duration statementTimeout,
        int coldReads,
        int generalPool) {

    public static StoreSettings of(String url) {
        return new StoreSettings(url, Optional.empty(), Optional.empty(), Duration.ofSeconds(30), 4, 4);
    }

    public StoreSettings withLogin(Optional<String> newUser, Optional<String> newPassword) {
        return new StoreSettings(url, newUser, newPassword, statementTimeout, coldReads, generalPool);
    }

    /** The password stays out of logs. */
    @Override
    public String toString() {
        return "StoreSettings[" + url.replaceAll("(?i)(password=)[^&]*", "$1***") + "]";
    }
}
