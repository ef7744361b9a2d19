package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.StreamsGroupDescribeRequest;
import org.apache.kafka.common.requests.StreamsGroupDescribeResponse;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * StreamsGroupDescribe (key 89): streams groups (KIP-1071) with their topology, members and tasks.
 *
 * <p>Behaviour: answers per group. Versions: v1 topology descriptions (KIP-1331), which nobody stores here: NOT_STORED.
 */
final class StreamsGroupDescribeHandler implements ApiHandler<StreamsGroupDescribeRequest> {

    private final GroupCoordinator groups;

    StreamsGroupDescribeHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.STREAMS_GROUP_DESCRIBE);
    }

    @Override
    public CompletionStage<StreamsGroupDescribeResponse> handle(
            RequestContext context, StreamsGroupDescribeRequest request) {
        boolean tellOperations = request.data().includeAuthorizedOperations();
        boolean tellTopology = request.data().includeTopologyDescription();
        return groups.streamsGroupDescribe(context, request.data().groupIds(), tellTopology)
                .thenApply(described -> {
                    if (tellOperations) {
                        described.stream()
                                .filter(group -> group.errorCode() == Errors.NONE.code())
                                .forEach(group ->
                                        group.setAuthorizedOperations(AuthorizedOperations.on(ResourceType.GROUP)));
                    }
                    return new StreamsGroupDescribeResponse(
                            new StreamsGroupDescribeResponseData().setGroups(described));
                });
    }
}
