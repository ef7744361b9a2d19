package io.paillette.broker.cluster;

import io.paillette.broker.cluster.Member.Address;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a broker tells of itself when it starts.
 *
 * @param heartbeatInterval {@code broker.heartbeat.interval.ms}
 * @param sessionTimeout    {@code broker.session.timeout.ms}: how long after its last heartbeat others take over
 */
public record Registration(
        int id,
        List<Address> addresses,
        Optional<String> rack,
        Set<String> sources,
        Duration heartbeatInterval,
        Duration sessionTimeout) {

    public Registration {
        addresses = List.copyOf(addresses);
        sources = Set.copyOf(sources);
    }

    /** There is no news while there is no other broker, and one that comes is seen before it is given anything. */
    Duration loneInterval() {
        Duration thirdOfSession = sessionTimeout.dividedBy(3);
        Duration twice = heartbeatInterval.multipliedBy(2);
        Duration shorter = twice.compareTo(thirdOfSession) < 0 ? twice : thirdOfSession;
        return shorter.compareTo(heartbeatInterval) > 0 ? shorter : heartbeatInterval;
    }

    /** A live broker whose connection was cut has connected anew and heartbeated within this time. */
    public Duration quietBeforeGone() {
        return heartbeatInterval.multipliedBy(2);
    }
}
