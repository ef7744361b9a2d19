package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.EndpointType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.MismatchedEndpointTypeException;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DescribeCluster (key 60): cluster id and brokers.
 *
 * <p>Behaviour: each broker calls itself the controller: all of them can change topics. Versions: v1 endpoint type (controllers are refused, there are none), v2
 * fenced brokers (there are none).
 */
final class DescribeClusterHandler implements ApiHandler<DescribeClusterRequest> {

    private final BrokerIdentity identity;

    DescribeClusterHandler(BrokerIdentity identity) {
        this.identity = identity;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_CLUSTER);
    }

    @Override
    public CompletionStage<DescribeClusterResponse> handle(RequestContext context, DescribeClusterRequest request) {
        if (request.data().endpointType() != EndpointType.BROKER.id()) {
            return CompletableFuture.failedFuture(
                    new MismatchedEndpointTypeException("this is a broker; there are no controller endpoints"));
        }
        DescribeClusterResponseData data = new DescribeClusterResponseData()
                .setClusterId(identity.clusterId())
                .setControllerId(identity.brokerId())
                .setEndpointType(EndpointType.BROKER.id());
        for (Node node : identity.nodes(context.listenerName)) {
            data.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
        if (request.data().includeClusterAuthorizedOperations()) {
            data.setClusterAuthorizedOperations(AuthorizedOperations.on(ResourceType.CLUSTER));
        }
        return CompletableFuture.completedFuture(new DescribeClusterResponse(data));
    }
}
