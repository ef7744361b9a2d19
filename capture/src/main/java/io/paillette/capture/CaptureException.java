package io.paillette.capture;

import org.jspecify.annotations.Nullable;

/**
 * Capture cannot go on. The message is for people: it names slot, table, LSN or setting and says what to do.
 */
public final class CaptureException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean transientFault;

    public CaptureException(String message, boolean transientFault, @Nullable Throwable cause) {
        super(message, cause);
        this.transientFault = transientFault;
    }

    /** True when trying again later can help (server restarting, connection lost); false when a person must act. */
    public boolean isTransient() {
        return transientFault;
    }
}
