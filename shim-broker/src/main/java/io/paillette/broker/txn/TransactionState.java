package io.paillette.broker.txn;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a transactional id stands. Kafka's states, without those that only an elected coordinator has in memory. */
public enum TransactionState {
    EMPTY("Empty"),
    ONGOING("Ongoing"),
    PREPARE_COMMIT("PrepareCommit"),
    PREPARE_ABORT("PrepareAbort"),
    COMPLETE_COMMIT("CompleteCommit"),
    COMPLETE_ABORT("CompleteAbort");

    private final String kafkaName;

    TransactionState(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    /** As Kafka's tools know it. */
    public String kafkaName() {
        return kafkaName;
    }

    public static Optional<TransactionState> ofKafka(String name) {
        return Arrays.stream(values())
                .filter(state -> state.kafkaName.equals(name))
                .findFirst();
    }

    /** As the store knows it. */
    public static TransactionState ofStored(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    public String stored() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Decided, but not every participant has its marker yet. */
    boolean isEnding() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    static TransactionState prepared(boolean commit) {
        return commit ? PREPARE_COMMIT : PREPARE_ABORT;
    }

    static TransactionState complete(boolean commit) {
        return commit ? COMPLETE_COMMIT : COMPLETE_ABORT;
    }
}
