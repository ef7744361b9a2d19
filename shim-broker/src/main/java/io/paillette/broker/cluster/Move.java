package io.paillette.broker.cluster;

/** What a broker has to do about a duty. */
public enum Move {
    /** It is ours to lead and nobody does. */
    CLAIM,
    /** Another broker should lead it: finish what is under way, then let go. */
    RELEASE,
    /** Another broker, or a later start of this one, has taken it. */
    LOST,
    /** All is as it should be, or another broker has to act first. */
    NONE
}
