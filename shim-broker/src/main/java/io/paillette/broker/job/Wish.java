package io.paillette.broker.job;

/** What is to become of one. */
public enum Wish {
    RUN,
    PAUSE,
    CANCEL
}
