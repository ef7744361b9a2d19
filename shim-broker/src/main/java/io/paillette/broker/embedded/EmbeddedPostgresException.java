package io.paillette.broker.embedded;

/** The embedded Postgres cannot run. The message is for people and says what to do. */
public final class EmbeddedPostgresException extends Exception {

    private static final long serialVersionUID = 1L;

    EmbeddedPostgresException(String message) {
        super(message);
    }

    EmbeddedPostgresException(String message, Throwable cause) {
        super(message, cause);
    }
}
