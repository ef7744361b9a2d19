package io.paillette.broker.api;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors inside an answer: Kafka's code for Kafka's exceptions; anything else is logged, since it is a fault of ours. */
final class Unexpected {

    private static final Logger log = LoggerFactory.getLogger(Unexpected.class);

    private Unexpected() {}

    static Errors told(ApiKeys api, Throwable failure) {
        Errors error = Futures.error(failure);
        if (error == Errors.UNKNOWN_SERVER_ERROR) {
            log.error("{} failed in part", api, Futures.cause(failure));
        }
        return error;
    }

    /** What a client may read: never the text of an exception of ours. */
    static String message(Errors error, Throwable failure) {
        String text = Futures.cause(failure).getMessage();
        return error == Errors.UNKNOWN_SERVER_ERROR || text == null ? error.message() : text;
    }
}
