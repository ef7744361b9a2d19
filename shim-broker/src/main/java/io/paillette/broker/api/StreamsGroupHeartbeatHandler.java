package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.Subtopology;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.TopicInfo;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.Topology;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData.Status;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatRequest;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * StreamsGroupHeartbeat (key 88, KIP-1071): the whole membership protocol of an application on Kafka Streams.
 *
 * <p>Behaviour: Kafka's coordinator assigns tasks on the server ({@code group.streams.assignors}). The internal topics that it
 * misses are made here, and the heartbeat does not wait for them; what hinders it is told in the detail of the status
 * MISSING_INTERNAL_TOPICS. A topology over Kafka's own topics or over names that no topic can have is refused,
 * STREAMS_INVALID_TOPOLOGY. Versions: v1 acceptable recovery lag as int64, MISSING_CLIENT_TAGS; topology descriptions (KIP-1331)
 * are never asked for.
 */
final class StreamsGroupHeartbeatHandler implements ApiHandler<StreamsGroupHeartbeatRequest> {

    private static final byte MISSING = StreamsGroupHeartbeatResponse.Status.MISSING_INTERNAL_TOPICS.code();

    /** As Kafka: a status is for reading. */
    private static final int TOLD_FAILURES = 3;

    private final GroupCoordinator groups;
    private final InternalTopics internalTopics;

    StreamsGroupHeartbeatHandler(GroupCoordinator groups, InternalTopics internalTopics) {
        this.groups = groups;
        this.internalTopics = internalTopics;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.STREAMS_GROUP_HEARTBEAT);
    }

    @Override
    public CompletionStage<StreamsGroupHeartbeatResponse> handle(
            RequestContext context, StreamsGroupHeartbeatRequest request) {
        Optional<String> problem =
                Optional.ofNullable(request.data().topology()).flatMap(topology -> problem(topics(topology)));
        if (problem.isPresent()) {
            return CompletableFuture.completedFuture(
                    new StreamsGroupHeartbeatResponse(new StreamsGroupHeartbeatResponseData()
                            .setErrorCode(Errors.STREAMS_INVALID_TOPOLOGY.code())
                            .setErrorMessage(problem.get())));
        }
        return groups.streamsGroupHeartbeat(context, request.data()).thenApply(result -> {
            internalTopics.create(result.creatableTopics().values());
            tellFailures(result.data(), result.creatableTopics().keySet());
            return new StreamsGroupHeartbeatResponse(result.data());
        });
    }

    /** In Kafka's words. */
    private static Optional<String> problem(List<String> topics) {
        String internal = topics.stream().filter(Topic::isInternal).collect(Collectors.joining(","));
        if (!internal.isEmpty()) {
            return Optional.of(
                    "Use of Kafka internal topics " + internal + " in a Kafka Streams topology is prohibited.");
        }
        List<String> invalid =
                topics.stream().filter(topic -> !Topic.isValid(topic)).toList();
        return invalid.isEmpty()
                ? Optional.empty()
                : Optional.of("Topic names " + String.join(",", invalid) + " are not valid topic names.");
    }

    private static List<String> topics(Topology topology) {
        return topology.subtopologies().stream()
                .flatMap(StreamsGroupHeartbeatHandler::topics)
                .distinct()
                .toList();
    }

    private static Stream<String> topics(Subtopology part) {
        Stream<String> given = Stream.concat(part.sourceTopics().stream(), part.repartitionSinkTopics().stream());
        Stream<TopicInfo> made =
                Stream.concat(part.repartitionSourceTopics().stream(), part.stateChangelogTopics().stream());
        return Stream.concat(given, made.map(TopicInfo::name));
    }

    private void tellFailures(StreamsGroupHeartbeatResponseData answer, Set<String> missing) {
        List<String> failures = new ArrayList<>();
        for (String topic : missing) {
            internalTopics.failure(topic).ifPresent(why -> failures.add(topic + " (" + why + ")"));
        }
        if (failures.isEmpty() || answer.status() == null) {
            return;
        }
        String told = failures.stream().limit(TOLD_FAILURES).collect(Collectors.joining(", "));
        String more = failures.size() > TOLD_FAILURES ? " and " + (failures.size() - TOLD_FAILURES) + " more" : "";
        for (Status status : answer.status()) {
            if (status.statusCode() == MISSING) {
                status.setStatusDetail(status.statusDetail() + "; Creation failed: " + told + more + ".");
            }
        }
    }
}
