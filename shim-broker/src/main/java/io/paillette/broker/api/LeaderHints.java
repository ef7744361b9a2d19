package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.Errors;

/** What a client that came to the wrong broker is told, so that it need not ask for metadata (KIP-951). For one answer. */
final class LeaderHints {

    private final BrokerIdentity identity;
    private final ListenerName listener;
    private final Map<Integer, Node> nodes = new LinkedHashMap<>();

    LeaderHints(BrokerIdentity identity, ListenerName listener) {
        this.identity = identity;
        this.listener = listener;
    }

    static boolean helpWith(Errors error) {
        return error == Errors.NOT_LEADER_OR_FOLLOWER || error == Errors.FENCED_LEADER_EPOCH;
    }

    /** Who leads the partition now, if that is known; its node goes into the answer, too. */
    Optional<Leader> leader(Uuid topicId, int partition) {
        var duty = new Duty.Partition(topicId, partition);
        Leader leader = identity.cluster().leaders().of(duty);
        Optional<Node> node = identity.leaderOf(duty, listener);
        node.ifPresent(found -> nodes.put(found.id(), found));
        return node.map(found -> leader);
    }

    List<Node> nodes() {
        return List.copyOf(nodes.values());
    }
}
