package io.paillette.function;

import org.jspecify.annotations.Nullable;

/** A function, or the file that defines it, that does not do what it has to; the message says which, where and what. */
public final class FunctionException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean late;

    private FunctionException(String message, @Nullable Throwable cause, boolean late) {
        super(message, cause);
        this.late = late;
    }

    static FunctionException of(String message, @Nullable Throwable cause) {
        return new FunctionException(message, cause, false);
    }

    static FunctionException late(String message, @Nullable Throwable cause) {
        return new FunctionException(message, cause, true);
    }

    /** It was ended because it took too long. */
    boolean isLate() {
        return late;
    }
}
