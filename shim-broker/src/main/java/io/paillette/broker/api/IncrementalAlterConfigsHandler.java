package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
 * are configured by their file: POLICY_VIOLATION.
 */
final class IncrementalAlterConfigsHandler implements ApiHandler<IncrementalAlterConfigsRequest> {

    private final ConfigChange change;
    private final LogConfig defaults;

    IncrementalAlterConfigsHandler(Topics topics, LogConfig defaults) {
        this.change = new ConfigChange(topics, ApiKeys.INCREMENTAL_ALTER_CONFIGS);
        this.defaults = defaults;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.INCREMENTAL_ALTER_CONFIGS);
    }

    @Override
    public CompletionStage<IncrementalAlterConfigsResponse> handle(
            RequestContext context, IncrementalAlterConfigsRequest request) {
        List<CompletableFuture<AlterConfigsResourceResponse>> results = new ArrayList<>();
        for (AlterConfigsResource asked : request.data().resources()) {
            ConfigResource resource =
                    new ConfigResource(ConfigResource.Type.forId(asked.resourceType()), asked.resourceName());
            results.add(change.apply(resource, request.data().validateOnly(), topic -> changes(topic, asked))
                    .thenApply(error -> new AlterConfigsResourceResponse()
                            .setResourceType(asked.resourceType())
                            .setResourceName(asked.resourceName())
                            .setErrorCode(error.error().code())
                            .setErrorMessage(error.message())));
        }
        return Futures.inOrder(results)
                .thenApply(done -> new IncrementalAlterConfigsResponse(
                        new IncrementalAlterConfigsResponseData().setResponses(done)));
    }

    private Map<String, Optional<String>> changes(Topic topic, AlterConfigsResource asked) {
        Map<String, Optional<String>> changes = new HashMap<>();
        for (AlterableConfig config : asked.configs()) {
            if (changes.put(config.name(), change(topic, config)) != null) {
                throw new InvalidRequestException("config " + config.name() + " is changed twice");
            }
        }
        return changes;
    }

    private Optional<String> change(Topic topic, AlterableConfig config) {
        OpType operation = OpType.forId(config.configOperation());
        if (operation == OpType.DELETE) {
            return Optional.empty();
        }
        if (config.value() == null) {
            throw new InvalidConfigurationException("config " + config.name() + " has no value");
        }
        if (operation == OpType.SET) {
            return Optional.of(config.value());
        }
        if (operation == null) {
            throw new InvalidRequestException("unknown operation " + config.configOperation());
        }
        if (LogConfig.configType(config.name())
                .filter(ConfigDef.Type.LIST::equals)
                .isEmpty()) {
            throw new InvalidConfigurationException(
                    "%s is not a list: it can be set, not appended to or subtracted from".formatted(config.name()));
        }
        Set<String> values = list(current(topic, config.name()));
        if (operation == OpType.APPEND) {
            values.addAll(list(config.value()));
        } else {
            values.removeAll(list(config.value()));
        }
        return Optional.of(String.join(",", values));
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
