package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
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

    AlterConfigsHandler(ConfigChange change) {
        this.change = change;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.ALTER_CONFIGS);
    }

    @Override
    public CompletionStage<AlterConfigsResponse> handle(RequestContext context, AlterConfigsRequest request) {
        List<AlterConfigsResource> resources = List.copyOf(request.data().resources());
        return change.apply(resources.stream().map(AlterConfigsHandler::asked).toList(), request.validateOnly())
                .thenApply(errors -> {
                    AlterConfigsResponseData data = new AlterConfigsResponseData();
                    for (int i = 0; i < errors.size(); i++) {
                        data.responses()
                                .add(new AlterConfigsResourceResponse()
                                        .setResourceType(resources.get(i).resourceType())
                                        .setResourceName(resources.get(i).resourceName())
                                        .setErrorCode(errors.get(i).error().code())
                                        .setErrorMessage(errors.get(i).message()));
                    }
                    return new AlterConfigsResponse(data);
                });
    }

    private static ConfigChange.Asked asked(AlterConfigsResource resource) {
        return new ConfigChange.Asked(
                new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName()),
                resource.configs().stream()
                        .map(config -> new ConfigChange.Entry(config.name(), config.value(), true))
                        .toList(),
                topic -> replacing(topic, resource));
    }

    private static Map<String, Optional<String>> replacing(Topic topic, AlterConfigsResource resource) {
        Map<String, Optional<String>> changes = new HashMap<>();
        topic.configs().keySet().forEach(name -> changes.put(name, Optional.empty()));
        resource.configs().forEach(config -> changes.put(config.name(), Optional.of(config.value())));
        return changes;
    }
}
