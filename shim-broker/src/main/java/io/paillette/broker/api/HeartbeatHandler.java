package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * Heartbeat (key 12): keeps a classic member's session alive and tells it of a rebalance.
 *
 * <p>Behaviour: Kafka's coordinator decides. While its shard is loaded it answers NONE, as Kafka does. Versions: v3 static members, v4
 * flexible.
 */
final class HeartbeatHandler implements ApiHandler<HeartbeatRequest> {

    private final GroupCoordinator groups;

    HeartbeatHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.HEARTBEAT);
    }

    @Override
    public CompletionStage<HeartbeatResponse> handle(RequestContext context, HeartbeatRequest request) {
        return groups.heartbeat(context, request.data()).thenApply(HeartbeatResponse::new);
    }
}
