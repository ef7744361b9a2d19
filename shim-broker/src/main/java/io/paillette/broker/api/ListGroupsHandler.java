package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * ListGroups (key 16): every group of every kind.
 *
 * <p>Behaviour: filters by state and type are Kafka's, matched without regard to case. Versions: v3 flexible, v4 states, v5 types.
 */
final class ListGroupsHandler implements ApiHandler<ListGroupsRequest> {

    private final GroupCoordinator groups;

    ListGroupsHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.LIST_GROUPS);
    }

    @Override
    public CompletionStage<ListGroupsResponse> handle(RequestContext context, ListGroupsRequest request) {
        return groups.listGroups(context, request.data()).thenApply(ListGroupsResponse::new);
    }
}
