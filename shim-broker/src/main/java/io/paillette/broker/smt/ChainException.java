package io.paillette.broker.smt;

import org.jspecify.annotations.Nullable;

/** A chain that cannot be made, or that fails for a record; the message is for people. */
public final class ChainException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String option;
    private final Stage stage;
    private final String className;

    /** Where it has failed, by Connect's names (Kafka 4.4: {@code Stage}). */
    public enum Stage {
        TRANSFORMATION,
        KEY_CONVERTER,
        VALUE_CONVERTER,
        HEADER_CONVERTER
    }

    private ChainException(String message, @Nullable Throwable cause, String option, Stage stage, String className) {
        super(message, cause);
        this.option = option;
        this.stage = stage;
        this.className = className;
    }

    static ChainException of(String message) {
        return of(message, null);
    }

    static ChainException of(String message, @Nullable Throwable cause) {
        return new ChainException(message, cause, "", Stage.TRANSFORMATION, "");
    }

    /** @param option of the sequence, {@code transforms.a} */
    public static ChainException failed(String option, Stage stage, String className, Throwable cause) {
        String said = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        return new ChainException(
                className + ": " + cause.getClass().getName() + said, cause, option, stage, className);
    }

    /** Of the sequence: {@code transforms.a}. Empty where the chain could not be made. */
    public String option() {
        return option;
    }

    public Stage stage() {
        return stage;
    }

    /** Of what has failed. */
    public String className() {
        return className;
    }
}
