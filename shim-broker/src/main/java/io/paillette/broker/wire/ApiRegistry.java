package io.paillette.broker.wire;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;

/** Which handler serves which API. One handler per API. */
public final class ApiRegistry {

    private final Map<ApiKeys, ApiHandler<?>> handlers = new EnumMap<>(ApiKeys.class);

    /** @throws IllegalArgumentException when two handlers serve the same API */
    public ApiRegistry(Collection<? extends ApiHandler<?>> all) {
        for (ApiHandler<?> handler : all) {
            ApiHandler<?> other = handlers.putIfAbsent(handler.serves().key(), handler);
            if (other != null) {
                throw new IllegalArgumentException("%s and %s both serve %s"
                        .formatted(
                                other.getClass().getName(),
                                handler.getClass().getName(),
                                handler.serves().key()));
            }
        }
    }

    /** The cast holds because Kafka parses each API's bytes to that API's request class. */
    @SuppressWarnings("unchecked")
    Optional<ApiHandler<AbstractRequest>> find(ApiKeys key) {
        return Optional.ofNullable((ApiHandler<AbstractRequest>) handlers.get(key));
    }

    /** All served ranges in the order of their keys. */
    public List<ApiRange> ranges() {
        List<ApiRange> ranges = new ArrayList<>();
        handlers.values().forEach(handler -> ranges.add(handler.serves()));
        ranges.sort(Comparator.comparing(range -> range.key().id));
        return List.copyOf(ranges);
    }
}
