package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * IncrementalAlterConfigs (key 44, KIP-339): sets, resets, appends to and subtracts from single configs of a topic.
 *
 * <p>Behaviour: append and subtract start from what the topic has, its default included, and are for lists only. Brokers
 * are configured by their file: all of their keys are told not to be dynamic, INVALID_REQUEST.
 */
final class IncrementalAlterConfigsHandler implements ApiHandler<IncrementalAlterConfigsRequest> {

    private final ConfigChange change;
    private final LogConfig defaults;

    IncrementalAlterConfigsHandler(ConfigChange change, LogConfig defaults) {
        this.change = change;
        this.defaults = defaults;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.INCREMENTAL_ALTER_CONFIGS);
    }

    @Override
    public CompletionStage<IncrementalAlterConfigsResponse> handle(
            RequestContext context, IncrementalAlterConfigsRequest request) {
        List<AlterConfigsResource> resources = List.copyOf(request.data().resources());
        return change.apply(
                        resources.stream().map(this::asked).toList(),
                        request.data().validateOnly())
                .thenApply(errors -> {
                    IncrementalAlterConfigsResponseData data = new IncrementalAlterConfigsResponseData();
                    for (int i = 0; i < errors.size(); i++) {
                        data.responses()
                                .add(new AlterConfigsResourceResponse()
                                        .setResourceType(resources.get(i).resourceType())
                                        .setResourceName(resources.get(i).resourceName())
                                        .setErrorCode(errors.get(i).error().code())
                                        .setErrorMessage(errors.get(i).message()));
                    }
                    return new IncrementalAlterConfigsResponse(data);
                });
    }

    private ConfigChange.Asked asked(AlterConfigsResource resource) {
        return new ConfigChange.Asked(
                new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName()),
                resource.configs().stream()
                        .map(config -> new ConfigChange.Entry(
                                config.name(), config.value(), config.configOperation() != OpType.DELETE.id()))
                        .toList(),
                topic -> changes(topic, resource));
    }

    private Map<String, Optional<String>> changes(Topic topic, AlterConfigsResource asked) {
        Map<String, Optional<String>> changes = new HashMap<>();
        asked.configs().forEach(config -> changes.put(config.name(), change(topic, config)));
        return changes;
    }

    private Optional<String> change(Topic topic, AlterableConfig config) {
        OpType operation = OpType.forId(config.configOperation());
        if (operation == null) {
            throw new InvalidRequestException("Unknown operations type " + config.configOperation());
        }
        return switch (operation) {
            case DELETE -> Optional.empty();
            case SET -> Optional.of(config.value());
            case APPEND, SUBTRACT -> Optional.of(changedList(topic, config, operation));
        };
    }

    private String changedList(Topic topic, AlterableConfig config, OpType operation) {
        if (LogConfig.configType(config.name())
                .filter(ConfigDef.Type.LIST::equals)
                .isEmpty()) {
            throw new InvalidConfigurationException(
                    "Can't %s to key %s because its type is not LIST.".formatted(operation, config.name()));
        }
        Set<String> values = list(current(topic, config.name()));
        if (operation == OpType.APPEND) {
            values.addAll(list(config.value()));
        } else {
            values.removeAll(list(config.value()));
        }
        return String.join(",", values);
    }

    private @Nullable String current(Topic topic, String name) {
        String own = topic.configs().get(name);
        return own != null ? own : ConfigDef.convertToString(defaults.values().get(name), ConfigDef.Type.LIST);
    }

    private static Set<String> list(@Nullable String text) {
        Set<String> values = new LinkedHashSet<>();
        if (text != null && !text.isBlank()) {
            Arrays.stream(text.split(",", -1)).map(String::strip).forEach(values::add);
        }
        return values;
    }
}
