package io.paillette.broker.api;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.cluster.Member;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;

/**
 * Who answers, and who else there is.
 *
 * @param clusterId stable for the life of the store; clients refuse a cluster whose id changes
 */
public record BrokerIdentity(String clusterId, Cluster cluster) {

    int brokerId() {
        return cluster.brokerId();
    }

    /** Every live broker as clients of {@code listener} see it; one without such a listener is not seen by them. */
    List<Node> nodes(ListenerName listener) {
        return cluster.members().stream()
                .flatMap(member -> node(member, listener).stream())
                .toList();
    }

    Optional<Node> node(int id, ListenerName listener) {
        return cluster.member(id).flatMap(member -> node(member, listener));
    }

    /** Where to find who leads it; empty while nobody does. */
    Optional<Node> leaderOf(Duty duty, ListenerName listener) {
        Leader leader = cluster.leaders().of(duty);
        return leader.broker() == Leader.NOBODY ? Optional.empty() : node(leader.broker(), listener);
    }

    /** Where to find who coordinates a transactional id; any broker could, but one remembers it. */
    Optional<Node> coordinatorOf(String transactionalId, ListenerName listener) {
        return node(cluster.placement().transaction(transactionalId), listener);
    }

    boolean coordinates(String transactionalId) {
        return cluster.placement().transaction(transactionalId) == brokerId();
    }

    private static Optional<Node> node(Member member, ListenerName listener) {
        return member.on(listener.value())
                .map(address -> new Node(
                        member.id(),
                        address.host(),
                        address.port(),
                        member.rack().orElse(null)));
    }
}
