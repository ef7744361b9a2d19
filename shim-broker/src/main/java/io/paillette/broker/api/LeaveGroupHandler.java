package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * LeaveGroup (key 13): members leave a classic group at once.
 *
 * <p>Versions: v3 several members, by static id too; older ones are read as a list of one. v5 reason.
 */
final class LeaveGroupHandler implements ApiHandler<LeaveGroupRequest> {

    private final GroupCoordinator groups;

    LeaveGroupHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.LEAVE_GROUP);
    }

    @Override
    public CompletionStage<LeaveGroupResponse> handle(RequestContext context, LeaveGroupRequest request) {
        return groups.leaveGroup(context, request.normalizedData())
                .thenApply(answer -> new LeaveGroupResponse(answer, context.apiVersion()));
    }
}
