package io.paillette.broker.group;

/** The store did not do what it was asked for; the message says what to do. */
public final class GroupStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean refused;

    private GroupStoreException(String message, Throwable cause, boolean refused) {
        super(message, cause);
        this.refused = refused;
    }

    /** Connection lost, server stopping, disk full...: it may have happened or not, and asking again later makes sense. */
    public static GroupStoreException unreachable(String message, Throwable cause) {
        return new GroupStoreException(message, cause, false);
    }

    /** The server answered that these very records cannot be stored; nothing was, and asking again would not help. */
    public static GroupStoreException refused(String message, Throwable cause) {
        return new GroupStoreException(message, cause, true);
    }

    public boolean isRefused() {
        return refused;
    }
}
