package io.paillette.broker.inbox;

import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Keeps what is published by SQL until it is in the log. Every call may block and throw {@link StoreException}. */
public interface InboxStore {

    /**
     * The oldest records from a number on of partitions that a broker leads; not more than fit, but the first in any case.
     *
     * @param setAside partitions, by the store's ids, that are left out
     */
    Look look(int brokerId, long fromId, Collection<Long> setAside, int maxRecords, long maxBytes);

    /** A new transaction id: greater than that of any transaction whose record has a number by now. */
    long transactionId();

    /** Empty while a transaction is under way that would not wake the sleeper: then look again soon. */
    Optional<Rest> lieDown(int brokerId);

    /** Wakes a broker that rests, as a record for it would. */
    void call(int brokerId);

    /** Removes what was published to topics that are gone; says how many records. */
    int sweep();

    /**
     * @param all      whether there was no more
     * @param newestId no record has a larger number yet
     * @param settled  transactions with smaller ids had ended when this was seen
     */
    record Look(List<InboxRecord> records, boolean all, long newestId, long settled) {

        public Look {
            records = List.copyOf(records);
        }
    }

    /** Whoever publishes for this broker from now on wakes it. For one thread. */
    interface Rest extends AutoCloseable {

        /**
         * Returns when a record was published, when there is enough of resting, or at the limit.
         *
         * @param enough looked at when somebody calls, and now and then
         * @return false at the limit
         */
        boolean sleep(Duration limit, BooleanSupplier enough);

        @Override
        void close();
    }
}
