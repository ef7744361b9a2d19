package io.paillette.benchmarks;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * One member of a group as the broker sees it: joins, heartbeats, joins again when told to, leaves. Each has a connection of its
 * own, as a KafkaConsumer has for its coordinator: Apache Kafka reads no further on a connection whose JoinGroup still waits.
 */
sealed interface Membership permits ClassicMembership, ConsumerMembership {

    /** How long a coordinator that still loads is left alone. */
    Duration RETRY = Duration.ofMillis(100);

    /** KafkaConsumer's default of session.timeout.ms. */
    int SESSION_MILLIS = 45_000;

    /** KafkaConsumer's default of max.poll.interval.ms. */
    int REBALANCE_MILLIS = 300_000;

    /** Whoever works with the partitions. */
    interface Owner {

        Owner IDLE = new Owner() {

            @Override
            public void assigned() {}

            @Override
            public void revoking(Runnable goOn) {
                goOn.run();
            }
        };

        /** Partitions are {@link Membership#partitions} from now on. */
        void assigned();

        /** Some of them are given up as soon as {@code goOn} runs. */
        void revoking(Runnable goOn);
    }

    /** Once. */
    void join(Owner owner);

    /** @param left when the broker has said so */
    void leave(Runnable left);

    /** Whether it has partitions and nothing that it knows of is under way. */
    boolean isSettled();

    String memberId();

    /** Generation or member epoch. */
    int epoch();

    List<Integer> partitions();

    static boolean isPassing(Errors error) {
        return switch (error) {
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR -> true;
            default -> false;
        };
    }

    static IllegalStateException refused(String what, Seat seat, Errors error) {
        return new IllegalStateException(
                what + " of a member of " + seat.group() + " was refused: " + error + ", " + error.message());
    }
}
