package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * FindCoordinator (key 10): which broker to ask about a group or a transaction.
 *
 * <p>Behaviour: gives the address of the listener the client came through. Transactions may be coordinated by any broker; an id is
 * always sent to the same one. While nobody leads the group's shard, and for share state, which has no coordinator yet:
 * COORDINATOR_NOT_AVAILABLE, which clients retry until their own time-out. Versions: v1
 * key type, v4 several keys at once, v6 share (INVALID_REQUEST before).
 */
final class FindCoordinatorHandler implements ApiHandler<FindCoordinatorRequest> {

    private final BrokerIdentity identity;
    private final GroupCoordinator groups;

    FindCoordinatorHandler(BrokerIdentity identity, GroupCoordinator groups) {
        this.identity = identity;
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.FIND_COORDINATOR);
    }

    @Override
    public CompletionStage<FindCoordinatorResponse> handle(RequestContext context, FindCoordinatorRequest request) {
        byte type = request.data().keyType();
        FindCoordinatorResponseData data = context.apiVersion() >= FindCoordinatorRequest.MIN_BATCHED_VERSION
                ? batched(context, type, request.data().coordinatorKeys())
                : single(context, type, request.data().key());
        return CompletableFuture.completedFuture(new FindCoordinatorResponse(data));
    }

    private FindCoordinatorResponseData batched(RequestContext context, byte type, List<String> keys) {
        return new FindCoordinatorResponseData()
                .setCoordinators(keys.stream()
                        .map(key -> coordinator(context, type, key).setKey(key))
                        .toList());
    }

    private FindCoordinatorResponseData single(RequestContext context, byte type, String key) {
        Coordinator found = coordinator(context, type, key).setKey(key);
        return new FindCoordinatorResponseData()
                .setErrorCode(found.errorCode())
                .setErrorMessage(found.errorMessage())
                .setNodeId(found.nodeId())
                .setHost(found.host())
                .setPort(found.port());
    }

    private Coordinator coordinator(RequestContext context, byte type, String key) {
        if (type == CoordinatorType.GROUP.id()) {
            return found(
                    identity.leaderOf(new Duty.Shard(groups.partitionFor(key)), context.listenerName),
                    "no broker leads this group at present");
        }
        if (type == CoordinatorType.TRANSACTION.id()) {
            return found(identity.coordinatorOf(key, context.listenerName), "no broker serves transactions at present");
        }
        if (type == CoordinatorType.SHARE.id() && context.apiVersion() >= 6) {
            return none(Errors.COORDINATOR_NOT_AVAILABLE, "this broker does not serve share groups yet");
        }
        return none(Errors.INVALID_REQUEST, "unknown type of coordinator: " + type);
    }

    private static Coordinator found(Optional<Node> leader, String otherwise) {
        return leader.map(node -> new Coordinator()
                        .setErrorCode(Errors.NONE.code())
                        .setErrorMessage("")
                        .setNodeId(node.id())
                        .setHost(node.host())
                        .setPort(node.port()))
                .orElseGet(() -> none(Errors.COORDINATOR_NOT_AVAILABLE, otherwise));
    }

    private static Coordinator none(Errors error, String message) {
        return new Coordinator()
                .setErrorCode(error.code())
                .setErrorMessage(message)
                .setNodeId(Node.noNode().id())
                .setHost(Node.noNode().host())
                .setPort(Node.noNode().port());
    }
}
