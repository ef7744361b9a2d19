package io.paillette.broker.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/** The versions of one API that a handler serves; told to clients by ApiVersions and kept by the dispatcher. */
public record ApiRange(ApiKeys key, short min, short max) {

    public static ApiRange of(ApiKeys key, int min, int max) {
        return new ApiRange(key, (short) min, (short) max);
    }

    public boolean covers(short version) {
        return min <= version && version <= max;
    }
}
