package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * DeleteGroups (key 42): removes empty groups with their offsets.
 *
 * <p>Behaviour: answers per group (NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND); a name given twice is deleted once. Versions: v2 flexible.
 */
final class DeleteGroupsHandler implements ApiHandler<DeleteGroupsRequest> {

    private final GroupCoordinator groups;

    DeleteGroupsHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DELETE_GROUPS);
    }

    @Override
    public CompletionStage<DeleteGroupsResponse> handle(RequestContext context, DeleteGroupsRequest request) {
        return groups.deleteGroups(
                        context,
                        request.data().groupsNames().stream().distinct().toList(),
                        BufferSupplier.NO_CACHING)
                .thenApply(results -> new DeleteGroupsResponse(new DeleteGroupsResponseData().setResults(results)));
    }
}
