package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * ConsumerGroupDescribe (key 69): consumer groups of KIP-848 with their members and assignments.
 *
 * <p>Behaviour: answers per group. Versions: v1 member type.
 */
final class ConsumerGroupDescribeHandler implements ApiHandler<ConsumerGroupDescribeRequest> {

    private final GroupCoordinator groups;

    ConsumerGroupDescribeHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.CONSUMER_GROUP_DESCRIBE);
    }

    @Override
    public CompletionStage<ConsumerGroupDescribeResponse> handle(
            RequestContext context, ConsumerGroupDescribeRequest request) {
        boolean tellOperations = request.data().includeAuthorizedOperations();
        return groups.consumerGroupDescribe(context, request.data().groupIds()).thenApply(described -> {
            if (tellOperations) {
                described.stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(AuthorizedOperations.on(ResourceType.GROUP)));
            }
            return new ConsumerGroupDescribeResponse(new ConsumerGroupDescribeResponseData().setGroups(described));
        });
    }
}
