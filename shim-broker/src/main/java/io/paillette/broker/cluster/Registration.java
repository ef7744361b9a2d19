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

    /** A live broker whose connection was cut has connected anew and heartbeated within this time. */
    public Duration quietBeforeGone() {
        return heartbeatInterval.multipliedBy(2);
    }
}
