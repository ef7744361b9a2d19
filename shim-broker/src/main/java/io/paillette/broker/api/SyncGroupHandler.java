package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * SyncGroup (key 14): the leader of a classic group brings the assignment, the others fetch theirs.
 *
 * <p>Behaviour: followers wait, without a thread, for the leader. Versions: v3 static members, v5 makes protocol type and name
 * mandatory (INCONSISTENT_GROUP_PROTOCOL without them).
 */
final class SyncGroupHandler implements ApiHandler<SyncGroupRequest> {

    private final GroupCoordinator groups;

    SyncGroupHandler(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.SYNC_GROUP);
    }

    @Override
    public CompletionStage<SyncGroupResponse> handle(RequestContext context, SyncGroupRequest request) {
        if (!request.areMandatoryProtocolTypeAndNamePresent()) {
            return CompletableFuture.failedFuture(
                    new InconsistentGroupProtocolException("protocol type and name are mandatory from version 5 on"));
        }
        return groups.syncGroup(context, request.data(), BufferSupplier.NO_CACHING)
                .thenApply(SyncGroupResponse::new);
    }
}
