package io.paillette.broker.txn;

import static org.apache.kafka.common.protocol.Errors.CONCURRENT_TRANSACTIONS;
import static org.apache.kafka.common.protocol.Errors.INVALID_PRODUCER_ID_MAPPING;
import static org.apache.kafka.common.protocol.Errors.INVALID_TXN_STATE;
import static org.apache.kafka.common.protocol.Errors.PRODUCER_FENCED;

import io.paillette.broker.cluster.Duty;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.protocol.Errors;

/**
 * A transactional id and the transaction it has open, if any: Kafka's rules for what may happen to it next (KIP-98, KIP-360,
 * KIP-890), without any doing.
 *
 * @param clientVersion transaction.version of the client that began the transaction: from 2 on each one has an epoch of its own
 * @param startedMs     when the open transaction began, -1 between two
 */
public record Transaction(
        ProducerIdentity identity, TransactionState state, short clientVersion, int timeoutMs, long startedMs) {

    public static final short EPOCH_PER_TRANSACTION = 2;
    private static final long NOT_STARTED = -1;

    /** What is to be done about a request. */
    public sealed interface Step<T> {

        /** Nothing changes. */
        record Answer<T>(T value) implements Step<T> {}

        record Refuse<T>(Errors error, String reason) implements Step<T> {}

        /** Not now: a transaction is about to end. */
        record Wait<T>() implements Step<T> {}

        /**
         * @param added  participants
         * @param answer empty when the request has to be looked at again afterwards
         */
        record Move<T>(Transaction to, Set<Duty> added, Optional<T> answer) implements Step<T> {}
    }

    static Transaction first(Producer producer, int timeoutMs) {
        return new Transaction(
                ProducerIdentity.of(producer), TransactionState.EMPTY, (short) 0, timeoutMs, NOT_STARTED);
    }

    public Producer producer() {
        return identity.producer();
    }

    private boolean hasEpochPerTransaction() {
        return clientVersion >= EPOCH_PER_TRANSACTION;
    }

    /** InitProducerId. An open transaction is aborted, under an epoch that nobody gets. */
    Step<Producer> init(int newTimeoutMs, Optional<Producer> expected, LongSupplier newProducerId) {
        if (expected.isPresent() && !identity.isKnown(expected.get())) {
            return fenced(expected.get());
        }
        return switch (state) {
            case PREPARE_COMMIT, PREPARE_ABORT -> new Step.Wait<>();
            case ONGOING -> new Step.Move<>(fence(), Set.of(), Optional.empty());
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> {
                boolean exhausted = producer().isExhausted()
                        && expected.map(known -> known.epoch() == producer().epoch())
                                .orElse(true);
                if (exhausted) {
                    yield initialised(identity.rotated(newProducerId.getAsLong(), expected.isPresent()), newTimeoutMs);
                }
                if (expected.isEmpty() || expected.get().epoch() == producer().epoch()) {
                    yield initialised(identity.bumped(expected.isPresent()), newTimeoutMs);
                }
                // The answer to the same request was lost.
                yield expected.get().epoch() == identity.lastEpoch()
                        ? initialised(identity, newTimeoutMs)
                        : fenced(expected.get());
            }
        };
    }

    private Step<Producer> initialised(ProducerIdentity newIdentity, int newTimeoutMs) {
        return new Step.Move<>(
                new Transaction(newIdentity, TransactionState.EMPTY, clientVersion, newTimeoutMs, NOT_STARTED),
                Set.of(),
                Optional.of(newIdentity.producer()));
    }

    /** Aborts an open transaction and fences its producer. */
    private Transaction fence() {
        return new Transaction(identity.fencing(), TransactionState.PREPARE_ABORT, clientVersion, timeoutMs, startedMs);
    }

    /** The transaction has been open for too long. */
    Step<Boolean> timeOut(long nowMs) {
        return state == TransactionState.ONGOING && nowMs - startedMs > timeoutMs
                ? new Step.Move<>(fence(), Set.of(), Optional.of(true))
                : new Step.Answer<>(false);
    }

    /** AddPartitionsToTxn, AddOffsetsToTxn, and the first write of a producer that leaves it to the broker (KIP-890). */
    Step<Boolean> add(Producer asking, Set<Duty> wanted, Set<Duty> known, short version, long nowMs) {
        Optional<Step<Boolean>> refused = refuseOthers(asking);
        if (refused.isPresent()) {
            return refused.get();
        }
        boolean open = state == TransactionState.ONGOING;
        if (open && known.containsAll(wanted)) {
            return new Step.Answer<>(true);
        }
        var begun = new Transaction(identity, TransactionState.ONGOING, version, timeoutMs, open ? startedMs : nowMs);
        return new Step.Move<>(begun, wanted, Optional.of(true));
    }

    /** Whether a participant has been added before (KIP-890, for clients that add by themselves). */
    Step<Boolean> verify(Producer asking, Duty wanted, Set<Duty> known) {
        Optional<Step<Boolean>> refused = refuseOthers(asking);
        if (refused.isPresent()) {
            return refused.get();
        }
        return state == TransactionState.ONGOING && known.contains(wanted)
                ? new Step.Answer<>(true)
                : new Step.Refuse<>(INVALID_TXN_STATE, "the partition was not added to the transaction");
    }

    /**
     * EndTxn.
     *
     * @param version transaction.version that the request speaks
     */
    Step<Producer> end(Producer asking, boolean commit, short version, LongSupplier newProducerId) {
        if (state.isEnding() && hasEpochPerTransaction() && asking.equals(identity.afterwards())) {
            return new Step.Wait<>(); // it asks about its next transaction
        }
        boolean bumps = version >= EPOCH_PER_TRANSACTION;
        boolean retry = hasEpochPerTransaction() && identity.isAfterBumpOf(asking);
        if (asking.id() != producer().id() && !retry) {
            return new Step.Refuse<>(INVALID_PRODUCER_ID_MAPPING, "the transactional id has another producer id");
        }
        if (asking.epoch() != producer().epoch() && !retry) {
            return fenced(asking);
        }
        return switch (state) {
            case ONGOING -> retry ? fenced(asking) : prepared(commit, version, newProducerId);
            case PREPARE_COMMIT, PREPARE_ABORT ->
                hasEpochPerTransaction() && !retry
                        ? fenced(asking)
                        : (state == TransactionState.PREPARE_COMMIT) == commit ? new Step.Wait<>() : notNow(commit);
            case EMPTY -> commit || !bumps || retry ? notNow(commit) : nothingToAbort(newProducerId);
            case COMPLETE_COMMIT, COMPLETE_ABORT -> {
                boolean same = (state == TransactionState.COMPLETE_COMMIT) == commit;
                if (same && (retry || !hasEpochPerTransaction())) {
                    yield new Step.Answer<>(producer());
                }
                yield commit || !bumps || retry ? notNow(commit) : nothingToAbort(newProducerId);
            }
        };
    }

    /** Under the version of the end, whatever the transaction began with: its markers are checked by it. */
    private Step<Producer> prepared(boolean commit, short version, LongSupplier newProducerId) {
        ProducerIdentity ending = version >= EPOCH_PER_TRANSACTION ? identity.ending(newProducerId) : identity;
        var next = new Transaction(ending, TransactionState.prepared(commit), version, timeoutMs, startedMs);
        return new Step.Move<>(next, Set.of(), Optional.of(ending.afterwards()));
    }

    /** A transaction without participants needs no markers: it is complete at once, under its new epoch. */
    private Step<Producer> nothingToAbort(LongSupplier newProducerId) {
        ProducerIdentity next = identity.ending(newProducerId).completed();
        return new Step.Move<>(
                new Transaction(next, TransactionState.COMPLETE_ABORT, EPOCH_PER_TRANSACTION, timeoutMs, NOT_STARTED),
                Set.of(),
                Optional.of(next.producer()));
    }

    /** Also whoever is early: its transaction before is ending. */
    private <T> Optional<Step<T>> refuseOthers(Producer asking) {
        if (state.isEnding() && asking.equals(identity.afterwards())) {
            return Optional.of(new Step.Wait<>());
        }
        if (asking.id() != producer().id()) {
            return Optional.of(
                    new Step.Refuse<>(INVALID_PRODUCER_ID_MAPPING, "the transactional id has another producer id"));
        }
        return asking.epoch() == producer().epoch() ? Optional.empty() : Optional.of(fenced(asking));
    }

    private <T> Step<T> fenced(Producer asking) {
        return new Step.Refuse<>(
                PRODUCER_FENCED,
                "a newer producer has the transactional id: epoch " + producer().epoch() + ", not " + asking.epoch());
    }

    private <T> Step<T> notNow(boolean commit) {
        return new Step.Refuse<>(
                INVALID_TXN_STATE,
                "the transaction is " + state.kafkaName() + " and cannot be " + (commit ? "committed" : "aborted"));
    }

    static <T> Step<T> refuseForNow() {
        return new Step.Refuse<>(CONCURRENT_TRANSACTIONS, "the transaction before is still ending; ask again");
    }

    static <T> Step<T> unknown() {
        return new Step.Refuse<>(INVALID_PRODUCER_ID_MAPPING, "the transactional id has no producer id");
    }
}
