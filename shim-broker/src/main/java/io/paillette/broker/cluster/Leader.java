package io.paillette.broker.cluster;

/**
 * Who leads a duty, as the store says.
 *
 * @param broker {@link #NOBODY} when it was released
 * @param epoch  raised by each claim
 */
public record Leader(int broker, int epoch) {

    public static final int NOBODY = -1;

    static final Leader NEVER = new Leader(NOBODY, -1);
    /** Shards and sources count from 0: there is no epoch that means "never", and none is needed. */
    static final Leader NEVER_FROM_ZERO = new Leader(NOBODY, 0);
}
