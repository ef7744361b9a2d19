package io.paillette.broker.store;

/** The store did not do what it was asked. The message is one sentence that says what to do about it. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Fate fate;

    public StoreException(String message, Fate fate, Throwable cause) {
        super(message, cause);
        this.fate = fate;
    }

    public Fate fate() {
        return fate;
    }

    /** What is known of the change that was asked for. */
    public enum Fate {
        /** Nothing was changed; the same call may succeed a moment later. */
        NOT_APPLIED,
        /** The connection was lost before the answer came: it may be committed or not. */
        UNKNOWN,
        /** Nothing was changed, and asking again will not help. */
        REFUSED
    }
}
