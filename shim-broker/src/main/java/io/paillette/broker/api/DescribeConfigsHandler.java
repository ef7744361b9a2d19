package io.paillette.broker.api;

import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * DescribeConfigs (key 32): the configs of topics and of this broker.
 *
 * <p>Behaviour: a topic has all of Kafka's topic configs, each with where its value comes from; Connect and Schema Registry
 * refuse to start without {@code cleanup.policy=compact} here. A broker has the keys of its file, all read only, secrets
 * without value. Other resources and other brokers are INVALID_REQUEST.
 *
 * <p>Versions: 1 synonyms, 3 documentation and types.
 */
final class DescribeConfigsHandler implements ApiHandler<DescribeConfigsRequest> {

    private final BrokerIdentity identity;
    private final Topics topics;
    private final ToldConfigs told;

    DescribeConfigsHandler(BrokerIdentity identity, Topics topics, ToldConfigs told) {
        this.identity = identity;
        this.topics = topics;
        this.told = told;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_CONFIGS);
    }

    @Override
    public CompletionStage<DescribeConfigsResponse> handle(RequestContext context, DescribeConfigsRequest request) {
        List<DescribeConfigsResult> results = request.data().resources().stream()
                .map(resource -> describe(resource, request.data()))
                .toList();
        return CompletableFuture.completedFuture(
                new DescribeConfigsResponse(new DescribeConfigsResponseData().setResults(results)));
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequestData request) {
        DescribeConfigsResult result = new DescribeConfigsResult()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName());
        try {
            List<String> keys = resource.configurationKeys();
            return result.setConfigs(configs(resource).stream()
                    .filter(config -> keys == null || keys.isEmpty() || keys.contains(config.name()))
                    .map(config -> request.includeSynonyms() ? config : config.setSynonyms(List.of()))
                    .map(config -> request.includeDocumentation() ? config : config.setDocumentation(null))
                    .toList());
        } catch (ApiException e) {
            return result.setErrorCode(Futures.error(e).code()).setErrorMessage(e.getMessage());
        }
    }

    private List<DescribeConfigsResourceResult> configs(DescribeConfigsResource resource) {
        String name = resource.resourceName();
        return switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC -> {
                Topic.validate(name);
                yield told.ofTopic(topics.find(name)
                        .orElseThrow(() -> new UnknownTopicOrPartitionException("topic " + name + " does not exist"))
                        .configs());
            }
            case BROKER -> {
                // An empty name asks for cluster-wide dynamic defaults: there are none, a file configures each broker.
                if (name == null || name.isEmpty()) {
                    yield List.of();
                }
                if (!name.equals(Integer.toString(identity.brokerId()))) {
                    throw new InvalidRequestException(
                            "this is broker %d, it cannot tell of broker %s".formatted(identity.brokerId(), name));
                }
                yield told.ofBroker();
            }
            default -> throw new InvalidRequestException("only topics and brokers have configs here");
        };
    }
}
