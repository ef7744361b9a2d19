package io.paillette.broker.cluster;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A broker that lives.
 *
 * @param incarnation counts its starts
 * @param addresses   where clients reach it, one for each listener
 * @param sources     that its configuration knows
 */
public record Member(
        int id, long incarnation, State state, List<Address> addresses, Optional<String> rack, Set<String> sources) {

    public Member {
        addresses = List.copyOf(addresses);
        sources = Set.copyOf(sources);
    }

    public Optional<Address> on(String listener) {
        return addresses.stream()
                .filter(address -> address.listener().equals(listener))
                .findFirst();
    }

    /** Clients may be sent to it: it serves, or still hands over. */
    public boolean isReachable() {
        return state != State.STARTING;
    }

    public boolean isServing() {
        return state == State.SERVING;
    }

    public record Address(String listener, String host, int port) {}

    /** Only a serving broker is given anything to lead. */
    public enum State {
        STARTING,
        SERVING,
        LEAVING
    }
}
