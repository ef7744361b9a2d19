package io.paillette.broker.cli;

/** The broker cannot start as things are. The message is the one sentence that a person gets: what, and what to do. */
public final class StartException extends Exception {

    private static final long serialVersionUID = 1L;

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }

    public StartException(String message) {
        super(message);
    }
}
