package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Changing configs of a topic, the common part of AlterConfigs and IncrementalAlterConfigs. */
final class ConfigChange {

    private final Topics topics;
    private final ApiKeys api;

    ConfigChange(Topics topics, ApiKeys api) {
        this.topics = topics;
        this.api = api;
    }

    /**
     * @param changes from the topic as it is to what shall be set (present) or reset (empty)
     * @return ApiError.NONE when done; never fails
     */
    CompletableFuture<ApiError> apply(
            ConfigResource resource, boolean validateOnly, Function<Topic, Map<String, Optional<String>>> changes) {
        return Futures.attempt(() -> alter(resource, validateOnly, changes)).handle((done, failure) -> {
            if (failure == null) {
                return ApiError.NONE;
            }
            Errors error = Unexpected.told(api, failure);
            return new ApiError(error, Unexpected.message(error, failure));
        });
    }

    private CompletableFuture<Topic> alter(
            ConfigResource resource, boolean validateOnly, Function<Topic, Map<String, Optional<String>>> changes) {
        if (resource.type() == ConfigResource.Type.BROKER) {
            throw new PolicyViolationException(
                    "the broker's configuration is its properties file: change that and restart it");
        }
        if (resource.type() != ConfigResource.Type.TOPIC) {
            throw new InvalidRequestException("only topics have configs that can be changed here");
        }
        Topic topic = topics.find(resource.name())
                .orElseThrow(
                        () -> new UnknownTopicOrPartitionException("topic " + resource.name() + " does not exist"));
        Map<String, Optional<String>> wanted = changes.apply(topic);
        Map<String, String> result = new HashMap<>(topic.configs());
        wanted.forEach(
                (name, value) -> value.ifPresentOrElse(text -> result.put(name, text), () -> result.remove(name)));
        try {
            LogConfig.validate(result);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(e.getMessage(), e);
        }
        return validateOnly ? CompletableFuture.completedFuture(topic) : topics.alterConfigs(topic.name(), wanted);
    }
}
