package io.paillette.broker.txn;

/** A producer id and its epoch, which is raised to fence whoever had the last one. */
public record Producer(long id, short epoch) {

    static final short NO_EPOCH = -1;
    static final long NONE = -1;
    /** The last epoch that a producer is given; one more is left to fence it. */
    static final short LAST_EPOCH = Short.MAX_VALUE - 1;

    boolean isExhausted() {
        return epoch >= LAST_EPOCH;
    }

    Producer next() {
        return new Producer(id, (short) (epoch + 1));
    }
}
