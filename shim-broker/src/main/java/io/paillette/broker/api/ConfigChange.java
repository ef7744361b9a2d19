package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.jspecify.annotations.Nullable;

/**
 * Changing configs, the common part of AlterConfigs and IncrementalAlterConfigs, with Kafka's checks, codes and words. Topics
 * have configs that can be changed. A broker is configured by its file, so all of its keys are what Kafka calls not dynamic.
 */
final class ConfigChange {

    private final Topics topics;
    private final BrokerIdentity identity;
    private final ApiKeys api;

    ConfigChange(Topics topics, BrokerIdentity identity, ApiKeys api) {
        this.topics = topics;
        this.identity = identity;
        this.api = api;
    }

    /**
     * What is asked of one resource.
     *
     * @param changes from the topic as it is to what shall be set (present) or reset (empty)
     */
    record Asked(
            ConfigResource resource, List<Entry> entries, Function<Topic, Map<String, Optional<String>>> changes) {}

    /** @param needsValue the operation makes no sense without one */
    record Entry(String name, @Nullable String value, boolean needsValue) {}

    /** @return in the order of {@code asked}: ApiError.NONE for what is done; never fails */
    CompletableFuture<List<ApiError>> apply(List<Asked> asked, boolean validateOnly) {
        Map<ConfigResource, Integer> named = new HashMap<>();
        asked.forEach(one -> named.merge(one.resource(), 1, Integer::sum));
        List<CompletableFuture<ApiError>> results = new ArrayList<>();
        for (Asked one : asked) {
            boolean twice = named.getOrDefault(one.resource(), 0) > 1;
            results.add(
                    Futures.attempt(() -> alter(one, twice, validateOnly)).handle((done, failure) -> told(failure)));
        }
        return Futures.inOrder(results);
    }

    private ApiError told(@Nullable Throwable failure) {
        if (failure == null) {
            return ApiError.NONE;
        }
        Errors error = Unexpected.told(api, failure);
        return new ApiError(error, Unexpected.message(error, failure));
    }

    private CompletableFuture<Topic> alter(Asked asked, boolean twice, boolean validateOnly) {
        if (twice) {
            throw new InvalidRequestException("Each resource must appear at most once.");
        }
        refuseMalformed(asked.entries());
        String name = asked.resource().name();
        return switch (asked.resource().type()) {
            case TOPIC -> {
                if (name.isEmpty()) {
                    throw new InvalidRequestException("Default topic resources are not allowed.");
                }
                org.apache.kafka.common.internals.Topic.validate(name);
                yield topics.alterConfigs(name, validateOnly, asked.changes());
            }
            case BROKER -> throw brokerRefusal(name, asked.entries());
            default ->
                throw new InvalidRequestException(
                        "Unknown resource type %s: only topics have configs that can be changed here"
                                .formatted(asked.resource().type()));
        };
    }

    private static void refuseMalformed(List<Entry> entries) {
        var names = new HashSet<String>();
        if (!entries.stream().map(Entry::name).allMatch(names::add)) {
            throw new InvalidRequestException("Error due to duplicate config keys");
        }
        List<String> without = entries.stream()
                .filter(entry -> entry.needsValue() && entry.value() == null)
                .map(Entry::name)
                .toList();
        if (!without.isEmpty()) {
            throw new InvalidRequestException("Null value not supported for : " + String.join(", ", without));
        }
    }

    private InvalidRequestException brokerRefusal(String name, List<Entry> entries) {
        if (!name.isEmpty() && !name.equals(Integer.toString(identity.brokerId()))) {
            return new InvalidRequestException(
                    "Unexpected broker id, expected %d, but received %s".formatted(identity.brokerId(), name));
        }
        return new InvalidRequestException("Cannot update these configs dynamically: %s; change the broker's properties"
                        .formatted(entries.stream().map(Entry::name).toList())
                + " file and restart it");
    }
}
