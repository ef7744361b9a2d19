package io.paillette.capture.type;

/** A value cannot be converted. Says the value, why, and where a setting helps, which. */
public final class BadValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BadValueException(String message) {
        super(message);
    }

    /** The same problem, told with the place where it happened. */
    public BadValueException(String place, BadValueException problem) {
        super(place + ": " + problem.getMessage(), problem);
    }
}
