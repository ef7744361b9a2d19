package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.server.common.GroupVersion;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.common.StreamsVersion;
import org.apache.kafka.server.common.TransactionVersion;

/**
 * ApiVersions (key 18): what this broker serves.
 *
 * <p>Behaviour: an unknown version is answered UNSUPPORTED_VERSION in the layout of version 0 with the range of this API
 * (KIP-511), so that the client can ask again. Produce is told from version 0 though 0 to 2 cannot be parsed: librdkafka
 * before 2.8 switches records v2 and compression off when it is not (Kafka does the same, apache/kafka PR 18288).
 *
 * <p>Features: group.version 1 (KIP-848), streams.version 1 (KIP-1071), transaction.version 2 (KIP-890) and metadata.version, which
 * tools use as "the version of the broker".
 */
final class ApiVersionsHandler implements ApiHandler<ApiVersionsRequest> {

    private static final ApiRange RANGE = Ranges.all(ApiKeys.API_VERSIONS);

    private final ApiVersionsResponse answer;

    /** @param others the ranges of all other handlers */
    ApiVersionsHandler(List<ApiRange> others) {
        ApiVersionCollection versions = new ApiVersionCollection();
        Stream.concat(others.stream(), Stream.of(RANGE))
                .map(ApiVersionsHandler::told)
                .forEach(versions::add);
        String metadata = MetadataVersion.FEATURE_NAME;
        String group = GroupVersion.FEATURE_NAME;
        String streams = StreamsVersion.FEATURE_NAME;
        String transaction = TransactionVersion.FEATURE_NAME;
        short streamsLevel = StreamsVersion.SV_1.featureLevel();
        short transactionLevel = TransactionVersion.TV_2.featureLevel();
        short metadataLevel = MetadataVersion.latestProduction().featureLevel();
        short minimumLevel = MetadataVersion.MINIMUM_VERSION.featureLevel();
        answer = new ApiVersionsResponse.Builder()
                .setApiVersions(versions)
                .setSupportedFeatures(Features.supportedFeatures(Map.of(
                        metadata, new SupportedVersionRange(minimumLevel, metadataLevel),
                        group, new SupportedVersionRange((short) 0, (short) 1),
                        streams, new SupportedVersionRange((short) 0, streamsLevel),
                        transaction, new SupportedVersionRange((short) 0, transactionLevel))))
                .setFinalizedFeatures(Map.of(
                        metadata,
                        metadataLevel,
                        group,
                        (short) 1,
                        streams,
                        streamsLevel,
                        transaction,
                        transactionLevel))
                .setFinalizedFeaturesEpoch(0)
                .setAlterFeatureLevel0(true)
                .build();
    }

    private static ApiVersion told(ApiRange range) {
        short min = range.key() == ApiKeys.PRODUCE ? 0 : range.min();
        return new ApiVersion().setApiKey(range.key().id).setMinVersion(min).setMaxVersion(range.max());
    }

    @Override
    public ApiRange serves() {
        return RANGE;
    }

    /** The answer to a valid request, also given before a SASL exchange. */
    ApiVersionsResponse answer() {
        return answer;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(RequestContext context, ApiVersionsRequest request) {
        if (request.hasUnsupportedRequestVersion()) {
            return CompletableFuture.completedFuture(
                    request.getErrorResponse(0, Errors.UNSUPPORTED_VERSION.exception()));
        }
        if (!request.isValid()) {
            return CompletableFuture.completedFuture(request.getErrorResponse(0, Errors.INVALID_REQUEST.exception()));
        }
        return CompletableFuture.completedFuture(answer);
    }
}
