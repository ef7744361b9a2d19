package io.paillette.broker.feed;

/** What somebody asked for is not done; the message is one sentence, or some, that say why and what to do. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Why why;

    /** What kind of refusal it is. */
    public enum Why {
        /** What was asked for is none. */
        INVALID,
        /** It names what is not there. */
        UNKNOWN,
        /** What is there stands against it. */
        CONFLICT,
        /** It cannot be looked at now; a moment later it may be. */
        UNAVAILABLE
    }

    public RefusedException(Why why, String message) {
        super(message);
        this.why = why;
    }

    RefusedException(Why why, String message, Throwable cause) {
        super(message, cause);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
