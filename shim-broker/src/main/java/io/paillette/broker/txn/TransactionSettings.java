package io.paillette.broker.txn;

import java.time.Duration;

/** The broker's keys of transactions. */
public record TransactionSettings(Duration maxTimeout, Duration timeoutCheck, Duration idExpiry, Duration expiryCheck) {

    /** Kafka's. */
    public static TransactionSettings defaults() {
        return new TransactionSettings(
                Duration.ofMinutes(15), Duration.ofSeconds(10), Duration.ofDays(7), Duration.ofHours(1));
    }
}
