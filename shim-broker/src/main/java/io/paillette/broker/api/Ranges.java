package io.paillette.broker.api;

import io.paillette.broker.wire.ApiRange;
import org.apache.kafka.common.protocol.ApiKeys;

/** The versions that Kafka's own classes can read and write. */
final class Ranges {

    private Ranges() {}

    /** Every version Kafka calls stable; said by handlers that honour all of them. */
    static ApiRange all(ApiKeys key) {
        return ApiRange.of(key, key.oldestVersion(), key.latestVersion());
    }
}
