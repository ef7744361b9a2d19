package io.paillette.broker.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/** Hears of every request once it is answered. Called on processor threads: must be quick. */
@FunctionalInterface
public interface RequestObserver {

    /**
     * @param requestBytes  of the frame, header included
     * @param responseBytes of the frame sent back; 0 when none is
     * @param nanos         from the parsed header to the built answer
     */
    void answered(ApiKeys api, short version, int requestBytes, long responseBytes, long nanos, boolean failed);
}
