package io.paillette.capture.pgoutput;

/** The bytes are not a message of pgoutput's protocol version 1. Says which message, where in it, and what was expected. */
public final class MalformedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }
}
