package io.paillette.broker.txn;

import java.util.function.LongSupplier;

/**
 * Who may write under a transactional id, and who could a moment ago.
 *
 * @param lastEpoch  before the last bump that a producer asked for by naming its epoch (KIP-360); -1 for none
 * @param previousId whose epochs are used up; -1 for none
 * @param nextId     taken once the transaction that is ending is complete; -1 for none
 */
public record ProducerIdentity(Producer producer, short lastEpoch, long previousId, long nextId) {

    static ProducerIdentity of(Producer producer) {
        return new ProducerIdentity(producer, Producer.NO_EPOCH, Producer.NONE, Producer.NONE);
    }

    /** Whether a producer that names itself is this one, or the one whose epochs it used up. */
    boolean isKnown(Producer asking) {
        return asking.id() == producer.id() || (asking.id() == previousId && asking.isExhausted());
    }

    ProducerIdentity bumped(boolean remember) {
        return new ProducerIdentity(
                producer.next(), remember ? producer.epoch() : Producer.NO_EPOCH, previousId, Producer.NONE);
    }

    ProducerIdentity rotated(long newId, boolean remember) {
        return new ProducerIdentity(
                new Producer(newId, (short) 0),
                remember ? producer.epoch() : Producer.NO_EPOCH,
                producer.id(),
                Producer.NONE);
    }

    /** The next epoch, for markers alone. */
    ProducerIdentity fencing() {
        return new ProducerIdentity(producer.next(), Producer.NO_EPOCH, previousId, Producer.NONE);
    }

    /** The next epoch, for the markers and the producer's next transaction; a new id follows when it is the last one. */
    ProducerIdentity ending(LongSupplier newProducerId) {
        return new ProducerIdentity(
                producer.next(),
                producer.epoch(),
                previousId,
                producer.isExhausted() ? newProducerId.getAsLong() : Producer.NONE);
    }

    /** Whom the producer goes on as when the transaction is complete. */
    Producer afterwards() {
        return nextId == Producer.NONE ? producer : new Producer(nextId, (short) 0);
    }

    ProducerIdentity completed() {
        return nextId == Producer.NONE
                ? this
                : new ProducerIdentity(afterwards(), lastEpoch, producer.id(), Producer.NONE);
    }

    /** Whether the producer asks as who it was before its transaction's end raised the epoch. */
    boolean isAfterBumpOf(Producer asking) {
        boolean bumped = asking.id() == producer.id() && asking.epoch() + 1 == producer.epoch();
        boolean rotated = asking.id() == previousId && asking.epoch() == Producer.LAST_EPOCH && producer.epoch() == 0;
        return bumped || rotated;
    }
}
