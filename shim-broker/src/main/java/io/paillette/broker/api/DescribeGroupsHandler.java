package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * DescribeGroups (key 15): classic groups and, by their classic face, other kinds.
 *
 * <p>Behaviour: answers per group. Versions: v3 authorized operations, v4 static members, v6 GROUP_ID_NOT_FOUND for a group that is
 * not there; before that it is told as Dead.
 */
final class DescribeGroupsHandler implements ApiHandler<DescribeGroupsRequest> {

    private final GroupCoordinator groups;

    DescribeGroupsHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_GROUPS);
    }

    @Override
    public CompletionStage<DescribeGroupsResponse> handle(RequestContext context, DescribeGroupsRequest request) {
        boolean tellOperations = request.data().includeAuthorizedOperations();
        return groups.describeGroups(context, request.data().groups()).thenApply(described -> {
            if (tellOperations) {
                described.stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(AuthorizedOperations.on(ResourceType.GROUP)));
            }
            return new DescribeGroupsResponse(new DescribeGroupsResponseData().setGroups(described));
        });
    }
}
