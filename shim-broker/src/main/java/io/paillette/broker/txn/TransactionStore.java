package io.paillette.broker.txn;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Keeps transactions. Every call blocks until the store has answered, and throws {@link StoreException} when it does not.
 *
 * <p>A transaction is changed by compare-and-set on its version: whoever is late changes nothing, so that it does not matter
 * which broker does it, nor when an attempt arrives whose answer was lost.
 */
public interface TransactionStore {

    Optional<Stored> load(String transactionalId);

    /**
     * @param version of what was seen, 0 for an id that is not known yet
     * @param added   participants
     * @return false when somebody else has changed it meanwhile
     */
    boolean save(String transactionalId, long version, Transaction to, Set<Duty> added);

    /** Transactions about to end that have participants led by this broker, or none left at all. */
    List<Ending> endings(int brokerId);

    /**
     * Notes that participants have written their markers.
     *
     * @return the transactional id, when it was the last of them
     */
    Optional<String> finish(Producer producer, Collection<Duty> participants);

    /** Open for longer than their timeouts, by the store's clock. */
    List<String> timedOut();

    List<Listed> list();

    /** Forgets transactional ids without an open transaction that nobody has used for this long. */
    int expire(Duration unused);

    /** @param version raised by every change */
    record Stored(Transaction transaction, Set<Duty> participants, long version) {

        public Stored {
            participants = Set.copyOf(participants);
        }
    }

    record Ending(Producer producer, boolean commit, short clientVersion, Set<Duty> participants) {

        public Ending {
            participants = Set.copyOf(participants);
        }
    }

    /** @param openMs how long its transaction is open */
    record Listed(String transactionalId, long producerId, TransactionState state, OptionalLong openMs) {}
}
