package io.paillette.broker.replay;

/** Postgres does not say of these records whether they meet the condition. The message is what it says instead. */
public final class ConditionException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean late;

    public ConditionException(String message, boolean late, Throwable cause) {
        super(message, cause);
        this.late = late;
    }

    /** Whether it took too long, so that it may say it of fewer. */
    boolean isLate() {
        return late;
    }
}
