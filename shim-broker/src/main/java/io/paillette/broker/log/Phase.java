package io.paillette.broker.log;

/** A step in the life of a partition under one leader epoch; {@link PartitionLog} has the picture. */
enum Phase {
    LEADING,
    /** What the store has is not known: nothing is accepted until it has told. */
    BROKEN,
    /** About to be handed over: readable, and what is under way is committed. */
    YIELDED,
    RESIGNED
}
