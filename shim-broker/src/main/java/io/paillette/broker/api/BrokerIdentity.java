package io.paillette.broker.api;

import io.paillette.broker.net.AdvertisedAddress;
import java.util.function.Function;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;

/**
 * Who answers.
 *
 * @param clusterId  stable for the life of the store; clients refuse a cluster whose id changes
 * @param brokerId   {@code broker.id}
 * @param advertised what clients of a listener are told to connect to
 */
public record BrokerIdentity(String clusterId, int brokerId, Function<ListenerName, AdvertisedAddress> advertised) {

    /** This broker as clients of {@code listener} see it. */
    public Node node(ListenerName listener) {
        AdvertisedAddress address = advertised.apply(listener);
        return new Node(brokerId, address.host(), address.port());
    }
}
