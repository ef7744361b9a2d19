package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * JoinGroup (key 11): a member enters a classic group, or answers a rebalance.
 *
 * <p>Behaviour: waits, without a thread, until the group is complete. A new member is sent away once with its id (v4+,
 * MEMBER_ID_REQUIRED). Metadata of members is opaque: Connect, Schema Registry and Streams have formats of their own. Versions: v5
 * static members, v8 reason, v9 skip assignment.
 */
final class JoinGroupHandler implements ApiHandler<JoinGroupRequest> {

    private final GroupCoordinator groups;

    JoinGroupHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.JOIN_GROUP);
    }

    @Override
    public CompletionStage<JoinGroupResponse> handle(RequestContext context, JoinGroupRequest request) {
        return groups.joinGroup(context, request.data(), BufferSupplier.NO_CACHING)
                .thenApply(answer -> new JoinGroupResponse(answer, context.apiVersion()));
    }
}
