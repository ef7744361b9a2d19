package io.paillette.broker.replay;

import org.jspecify.annotations.Nullable;

/** Postgres does not say of these records whether they meet the condition. The message is what it says instead. */
public final class ConditionException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Why why;

    /** What is to be done about it. */
    public enum Why {
        /** It is no condition, whatever the records. */
        NONE,
        /** Of these records it cannot be said. */
        RECORDS,
        /** It took too long, so that it may be said of fewer. */
        LATE
    }

    public ConditionException(String message, Why why, @Nullable Throwable cause) {
        super(message, cause);
        this.why = why;
    }

    Why why() {
        return why;
    }
}
