package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * ConsumerGroupHeartbeat (key 68, KIP-848): the whole membership protocol of a consumer group.
 *
 * <p>Behaviour: Kafka's coordinator assigns on the server ({@code group.consumer.assignors}). Versions: v1 regular expressions (RE2/J)
 * and member ids made by the client.
 */
final class ConsumerGroupHeartbeatHandler implements ApiHandler<ConsumerGroupHeartbeatRequest> {

    private final GroupCoordinator groups;

    ConsumerGroupHeartbeatHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.CONSUMER_GROUP_HEARTBEAT);
    }

    @Override
    public CompletionStage<ConsumerGroupHeartbeatResponse> handle(
            RequestContext context, ConsumerGroupHeartbeatRequest request) {
        return groups.consumerGroupHeartbeat(context, request.data()).thenApply(ConsumerGroupHeartbeatResponse::new);
    }
}
