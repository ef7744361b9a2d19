package io.paillette.broker.api;

import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * DeleteGroups (key 42): removes empty groups with their offsets.
 *
 * <p>Behaviour: answers per group (NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND); a name given twice is deleted once. Offsets committed by
 * SQL go too, also when they are all there is of the group. Versions: v2 flexible.
 */
final class DeleteGroupsHandler implements ApiHandler<DeleteGroupsRequest> {

    private final GroupCoordinator groups;
    private final SqlOffsets sqlOffsets;

    DeleteGroupsHandler(GroupCoordinator groups, SqlOffsets sqlOffsets) {
        this.groups = groups;
        this.sqlOffsets = sqlOffsets;
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
                .thenCompose(results -> Futures.inOrder(results.stream()
                        .map(DeletableGroupResult::duplicate)
                        .map(this::withSql)
                        .toList()))
                .thenApply(results -> {
                    var all = new DeletableGroupResultCollection();
                    results.forEach(all::add);
                    return new DeleteGroupsResponse(new DeleteGroupsResponseData().setResults(all));
                });
    }

    private CompletableFuture<DeletableGroupResult> withSql(DeletableGroupResult result) {
        Errors error = Errors.forCode(result.errorCode());
        return error != Errors.NONE && error != Errors.GROUP_ID_NOT_FOUND
                ? CompletableFuture.completedFuture(result)
                : sqlOffsets.forget(result.groupId()).handle((any, failure) -> {
                    if (failure != null) {
                        return result.setErrorCode(Futures.error(failure).code());
                    }
                    return any ? result.setErrorCode(Errors.NONE.code()) : result;
                });
    }
}
