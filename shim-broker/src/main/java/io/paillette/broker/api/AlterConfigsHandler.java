package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * AlterConfigs (key 33): replaces all configs a topic sets; what is not named is reset. Deprecated by Kafka in favour of
 * IncrementalAlterConfigs, still sent by kafka-python and older tools.
 */
final class AlterConfigsHandler implements ApiHandler<AlterConfigsRequest> {

    private final ConfigChange change;

    AlterConfigsHandler(Topics topics) {
        this.change = new ConfigChange(topics, ApiKeys.ALTER_CONFIGS);
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.ALTER_CONFIGS);
    }

    @Override
    public CompletionStage<AlterConfigsResponse> handle(RequestContext context, AlterConfigsRequest request) {
        List<CompletableFuture<AlterConfigsResourceResponse>> results = new ArrayList<>();
        request.configs()
                .forEach((resource, config) ->
                        results.add(change.apply(resource, request.validateOnly(), topic -> replacing(topic, config))
                                .thenApply(error -> new AlterConfigsResourceResponse()
                                        .setResourceType(resource.type().id())
                                        .setResourceName(resource.name())
                                        .setErrorCode(error.error().code())
                                        .setErrorMessage(error.message()))));
        return Futures.inOrder(results)
                .thenApply(done -> new AlterConfigsResponse(new AlterConfigsResponseData().setResponses(done)));
    }

    private static Map<String, Optional<String>> replacing(Topic topic, AlterConfigsRequest.Config config) {
        Map<String, Optional<String>> changes = new HashMap<>();
        topic.configs().keySet().forEach(name -> changes.put(name, Optional.empty()));
        config.entries().forEach(entry -> {
            if (entry.value() == null) {
                throw new InvalidConfigurationException("config " + entry.name() + " has no value");
            }
            changes.put(entry.name(), Optional.of(entry.value()));
        });
        return changes;
    }
}
