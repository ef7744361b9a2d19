package io.paillette.broker.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.txn.Transaction.Step;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** The rules of KIP-98, KIP-360 and KIP-890, one at a time. */
class TransactionTest {

    private static final short V0 = 0;
    private static final short V2 = Transaction.EPOCH_PER_TRANSACTION;
    private static final Producer FIRST = new Producer(7, (short) 0);
    private static final Producer BUMPED = new Producer(7, (short) 1);
    private static final Duty PARTITION = new Duty.Partition(Uuid.randomUuid(), 0);
    private static final Duty ANOTHER = new Duty.Shard(3);

    private final Transaction fresh = Transaction.first(FIRST, 60_000);

    @Test
    void aProducerThatStartsAgainGetsTheNextEpoch() {
        assertThat(answer(fresh.init(60_000, Optional.empty(), TransactionTest::noNewId)))
                .isEqualTo(BUMPED);
    }

    @Test
    void anOpenTransactionIsAbortedUnderAnEpochThatNobodyGets() {
        Transaction aborting = to(ongoing(V0).init(60_000, Optional.empty(), TransactionTest::noNewId));

        assertThat(aborting.state()).isEqualTo(TransactionState.PREPARE_ABORT);
        assertThat(aborting.producer()).isEqualTo(BUMPED);
        assertThat(answer(complete(aborting).init(60_000, Optional.empty(), TransactionTest::noNewId)))
                .isEqualTo(new Producer(7, (short) 2));
    }

    @Test
    void aProducerThatBumpsItsEpochMayAskTwiceAndGetsItOnce() {
        Transaction bumped = to(fresh.init(60_000, Optional.of(FIRST), TransactionTest::noNewId));
        Transaction again = to(bumped.init(60_000, Optional.of(FIRST), TransactionTest::noNewId));

        assertThat(bumped.producer()).isEqualTo(BUMPED);
        assertThat(again.producer()).isEqualTo(BUMPED);
    }

    @Test
    void aProducerWithAnOldEpochCannotBumpIt() {
        Transaction taken = to(fresh.init(60_000, Optional.empty(), TransactionTest::noNewId));

        assertThat(error(taken.init(60_000, Optional.of(FIRST), TransactionTest::noNewId)))
                .isEqualTo(Errors.PRODUCER_FENCED);
        assertThat(error(taken.init(60_000, Optional.of(new Producer(8, (short) 0)), TransactionTest::noNewId)))
                .isEqualTo(Errors.PRODUCER_FENCED);
    }

    @Test
    void theLastEpochGivesWayToANewProducerId() {
        var last = Transaction.first(new Producer(7, Producer.LAST_EPOCH), 60_000);

        assertThat(answer(last.init(60_000, Optional.empty(), () -> 8))).isEqualTo(new Producer(8, (short) 0));
    }

    @Test
    void aTransactionBeginsWithItsFirstParticipant() {
        Step<Boolean> step = fresh.add(FIRST, Set.of(PARTITION), Set.of(), V2, 1_000);

        assertThat(((Step.Move<Boolean>) step).added()).containsExactly(PARTITION);
        assertThat(to(step).startedMs()).isEqualTo(1_000);
        assertThat(to(ongoing(V2).add(FIRST, Set.of(ANOTHER), Set.of(PARTITION), V2, 9_000))
                        .startedMs())
                .isEqualTo(1_000);
        assertThat(ongoing(V2).add(FIRST, Set.of(PARTITION), Set.of(PARTITION), V2, 9_000))
                .isInstanceOf(Step.Answer.class);
    }

    @Test
    void whoAddsUnderAnOldEpochIsFencedAndUnderAnotherIdRefused() {
        Transaction taken = to(fresh.init(60_000, Optional.empty(), TransactionTest::noNewId));

        assertThat(error(taken.add(FIRST, Set.of(PARTITION), Set.of(), V2, 0))).isEqualTo(Errors.PRODUCER_FENCED);
        assertThat(error(taken.add(new Producer(8, (short) 0), Set.of(PARTITION), Set.of(), V2, 0)))
                .isEqualTo(Errors.INVALID_PRODUCER_ID_MAPPING);
    }

    @Test
    void onlyWhatWasAddedIsVerified() {
        assertThat(ongoing(V0).verify(FIRST, PARTITION, Set.of(PARTITION))).isInstanceOf(Step.Answer.class);
        assertThat(error(ongoing(V0).verify(FIRST, ANOTHER, Set.of(PARTITION)))).isEqualTo(Errors.INVALID_TXN_STATE);
        assertThat(error(fresh.verify(FIRST, PARTITION, Set.of(PARTITION)))).isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void whileATransactionEndsTheNextOneWaits() {
        Transaction ending = to(ongoing(V2).end(FIRST, true, V2, TransactionTest::noNewId));

        assertThat(ending.add(BUMPED, Set.of(PARTITION), Set.of(PARTITION), V2, 0))
                .isInstanceOf(Step.Wait.class);
        assertThat(ending.init(60_000, Optional.empty(), TransactionTest::noNewId))
                .isInstanceOf(Step.Wait.class);
        assertThat(ending.end(BUMPED, false, V2, TransactionTest::noNewId)).isInstanceOf(Step.Wait.class);
    }

    @Test
    void everyEndRaisesTheEpochOfAClientThatKnowsIt() {
        Step<Producer> committed = ongoing(V2).end(FIRST, true, V2, TransactionTest::noNewId);

        assertThat(answer(committed)).isEqualTo(BUMPED);
        assertThat(to(committed).producer()).isEqualTo(BUMPED);
        assertThat(answer(ongoing(V0).end(FIRST, true, V0, TransactionTest::noNewId)))
                .isEqualTo(FIRST);
    }

    @Test
    void anEndWhoseAnswerWasLostMayBeAskedForAgain() {
        Transaction ending = to(ongoing(V2).end(FIRST, true, V2, TransactionTest::noNewId));

        assertThat(ending.end(FIRST, true, V2, TransactionTest::noNewId)).isInstanceOf(Step.Wait.class);
        assertThat(answer(complete(ending).end(FIRST, true, V2, TransactionTest::noNewId)))
                .isEqualTo(BUMPED);
        assertThat(error(complete(ending).end(FIRST, false, V2, TransactionTest::noNewId)))
                .isEqualTo(Errors.INVALID_TXN_STATE);

        Transaction older = to(ongoing(V0).end(FIRST, false, V0, TransactionTest::noNewId));
        assertThat(older.end(FIRST, false, V0, TransactionTest::noNewId)).isInstanceOf(Step.Wait.class);
        assertThat(answer(complete(older).end(FIRST, false, V0, TransactionTest::noNewId)))
                .isEqualTo(FIRST);
        assertThat(error(complete(older).end(FIRST, true, V0, TransactionTest::noNewId)))
                .isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void anEndWhoseAnswerWasLostMayBeAskedForAgainAfterTheIdHasChanged() {
        var last = new Producer(7, Producer.LAST_EPOCH);
        Transaction open = to(Transaction.first(last, 60_000).add(last, Set.of(PARTITION), Set.of(), V2, 0));
        Step<Producer> ended = open.end(last, true, V2, () -> 8);

        assertThat(answer(ended)).isEqualTo(new Producer(8, (short) 0));
        assertThat(to(ended).producer()).isEqualTo(new Producer(7, Short.MAX_VALUE));
        assertThat(answer(complete(to(ended)).end(last, true, V2, TransactionTest::noNewId)))
                .isEqualTo(new Producer(8, (short) 0));
    }

    @Test
    void aTransactionEndsUnderTheVersionOfItsEnd() {
        Transaction ending = to(ongoing(V2).end(FIRST, true, V0, TransactionTest::noNewId));

        assertThat(ending.producer()).isEqualTo(FIRST);
        assertThat(ending.clientVersion())
                .as("else its marker would be refused for ever")
                .isEqualTo(V0);
        assertThat(answer(complete(ending).end(FIRST, true, V0, TransactionTest::noNewId)))
                .isEqualTo(FIRST);
    }

    @Test
    void aTransactionWithoutAnyWriteMayBeAbortedByAClientThatCannotKnow() {
        Step<Producer> aborted = fresh.end(FIRST, false, V2, TransactionTest::noNewId);

        assertThat(answer(aborted)).isEqualTo(BUMPED);
        assertThat(to(aborted).state()).isEqualTo(TransactionState.COMPLETE_ABORT);
        assertThat(error(fresh.end(FIRST, true, V2, TransactionTest::noNewId))).isEqualTo(Errors.INVALID_TXN_STATE);
        assertThat(error(fresh.end(FIRST, false, V0, TransactionTest::noNewId))).isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void aFencedProducerCanEndNothing() {
        Transaction aborting = to(ongoing(V2).init(60_000, Optional.empty(), TransactionTest::noNewId));
        Transaction taken = to(complete(aborting).init(60_000, Optional.empty(), TransactionTest::noNewId));

        assertThat(error(taken.end(FIRST, true, V2, TransactionTest::noNewId))).isEqualTo(Errors.PRODUCER_FENCED);
        assertThat(error(taken.end(FIRST, true, V0, TransactionTest::noNewId))).isEqualTo(Errors.PRODUCER_FENCED);
    }

    @Test
    void aTransactionThatIsOpenForTooLongIsAborted() {
        assertThat(ongoing(V2).timeOut(61_000)).isInstanceOf(Step.Answer.class);
        assertThat(to(ongoing(V2).timeOut(61_001)).state()).isEqualTo(TransactionState.PREPARE_ABORT);
        assertThat(fresh.timeOut(1_000_000)).isInstanceOf(Step.Answer.class);
    }

    private Transaction ongoing(short version) {
        return to(fresh.add(FIRST, Set.of(PARTITION), Set.of(), version, 1_000));
    }

    /** What the store makes of it when the last marker is written. */
    private static Transaction complete(Transaction ending) {
        return new Transaction(
                ending.identity().completed(),
                TransactionState.complete(ending.state() == TransactionState.PREPARE_COMMIT),
                ending.clientVersion(),
                ending.timeoutMs(),
                -1);
    }

    private static <T> Transaction to(Step<T> step) {
        assertThat(step).isInstanceOf(Step.Move.class);
        return ((Step.Move<T>) step).to();
    }

    private static <T> T answer(Step<T> step) {
        return step instanceof Step.Answer<T> answer
                ? answer.value()
                : ((Step.Move<T>) step).answer().orElseThrow();
    }

    private static <T> Errors error(Step<T> step) {
        assertThat(step).isInstanceOf(Step.Refuse.class);
        return ((Step.Refuse<T>) step).error();
    }

    private static long noNewId() {
        throw new AssertionError("no new producer id is due");
    }
}
