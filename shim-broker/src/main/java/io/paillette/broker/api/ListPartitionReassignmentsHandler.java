package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * ListPartitionReassignments (key 46): none, ever. Replicas are Postgres's business; served because {@code kafka-topics
 * --describe} asks.
 */
final class ListPartitionReassignmentsHandler implements ApiHandler<ListPartitionReassignmentsRequest> {

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.LIST_PARTITION_REASSIGNMENTS);
    }

    @Override
    public CompletionStage<ListPartitionReassignmentsResponse> handle(
            RequestContext context, ListPartitionReassignmentsRequest request) {
        return CompletableFuture.completedFuture(
                new ListPartitionReassignmentsResponse(new ListPartitionReassignmentsResponseData()));
    }
}
