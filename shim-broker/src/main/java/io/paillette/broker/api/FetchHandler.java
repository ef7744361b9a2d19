package io.paillette.broker.api;

import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.FetchContext;
import org.apache.kafka.server.FetchManager;
import org.apache.kafka.server.FetchSession.FetchSessionCache;
import org.apache.kafka.server.FetchSessionCacheShard;

/**
 * Fetch (key 1): record batches, as they were produced.
 *
 * <p>Behaviour: waits for min.bytes or max.wait as an object, not as a thread ({@link FetchWaits}); an error in any
 * partition answers at once. At least one whole batch comes back however small max.bytes is. Incremental sessions (KIP-227)
 * are Kafka's own classes, which also move a partition that was served to the end of the order, so none starves.
 * read_committed ends at the last stable offset and tells which transactions were aborted (KIP-98).
 *
 * <p>Versions: 11 rack (ignored, there is one replica), 12 leader epochs; a diverging last fetched epoch is a follower's
 * matter and ignored, 13 topic ids, 16 endpoints of other leaders. Replicas are told NOT_LEADER_OR_FOLLOWER: there are
 * none.
 */
final class FetchHandler implements ApiHandler<FetchRequest> {

    private static final int SESSION_SHARDS = 8;
    private static final long SESSION_EVICTION_MILLIS = 120_000;

    private static final short HINTS_SINCE = 16;

    private final BrokerIdentity identity;
    private final TopicNames names;
    private final PartitionReads reads;
    private final FetchWaits waits;
    private final FetchManager sessions;
    private final int maxBytes;

    FetchHandler(
            BrokerIdentity identity, Topics topics, Partitions partitions, FetchWaits waits, ApiSettings settings) {
        this.identity = identity;
        this.names = new TopicNames(topics);
        this.reads = new PartitionReads(partitions);
        this.waits = waits;
        this.maxBytes = settings.fetchMaxBytes();
        int slots = Math.max(1, settings.fetchSessions() / SESSION_SHARDS);
        int ids = Integer.MAX_VALUE / SESSION_SHARDS;
        this.sessions = new FetchManager(
                Time.SYSTEM,
                new FetchSessionCache(IntStream.range(0, SESSION_SHARDS)
                        .mapToObj(shard -> new FetchSessionCacheShard(slots, SESSION_EVICTION_MILLIS, ids, shard))
                        .toList()));
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.FETCH);
    }

    @Override
    public CompletionStage<FetchResponse> handle(RequestContext context, FetchRequest request) {
        if (request.metadata().sessionId() < 0) { // Kafka's cache would look for it outside of its shards
            return CompletableFuture.completedFuture(
                    FetchResponse.of(Errors.FETCH_SESSION_ID_NOT_FOUND, 0, 0, new LinkedHashMap<>(), List.of()));
        }
        Map<Uuid, String> known = request.version() >= 13 ? names : Map.of();
        FetchContext session = sessions.newContext(
                request.version(),
                request.metadata(),
                request.isFromFollower(),
                request.fetchData(known),
                request.forgottenTopics(known),
                known);
        LinkedHashMap<TopicIdPartition, PartitionData> answers = new LinkedHashMap<>();
        List<PartitionRead> wanted = new ArrayList<>();
        session.foreachPartition((partition, asked) -> {
            if (partition.topic() == null) {
                answers.put(partition, FetchResponse.partitionResponse(partition, Errors.UNKNOWN_TOPIC_ID));
            } else if (request.isFromFollower()) {
                answers.put(partition, FetchResponse.partitionResponse(partition, Errors.NOT_LEADER_OR_FOLLOWER));
            } else {
                wanted.add(new PartitionRead(partition, asked));
            }
        });
        IsolationLevel isolation = request.isolationLevel();
        int most = Math.max(0, Math.min(request.maxBytes(), maxBytes));
        long least = answers.isEmpty() ? Math.min(request.minBytes(), most) : 0;
        CompletableFuture<Void> ready = wanted.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : waits.until(() -> reads.worthAnswering(wanted, least, isolation), wanted, request.maxWait());
        return ready.thenCompose(now -> reads.read(wanted, most, isolation)).thenApply(read -> {
            read.forEach(answer -> answers.put(answer.partition(), answer.data(request.version())));
            return session.updateAndGenerateResponseData(
                    answers, request.version() >= HINTS_SINCE ? hints(answers, context.listenerName) : List.of());
        });
    }

    private List<Node> hints(Map<TopicIdPartition, PartitionData> answers, ListenerName listener) {
        var hints = new LeaderHints(identity, listener);
        answers.forEach((partition, data) -> {
            if (LeaderHints.helpWith(Errors.forCode(data.errorCode()))) {
                hints.leader(partition.topicId(), partition.partition()).ifPresent(leader -> data.currentLeader()
                        .setLeaderId(leader.broker())
                        .setLeaderEpoch(leader.epoch()));
            }
        });
        return hints.nodes();
    }
}
