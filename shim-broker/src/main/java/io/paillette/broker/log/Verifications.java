package io.paillette.broker.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Producers whose transaction the coordinator is asked about, with their appends that wait for it in order. A marker ends the
 * question: what was asked before it must not be appended after it (KIP-890). Guarded by the partition's lock, but for
 * {@link #ask}.
 */
final class Verifications {

    private final ReentrantLock lock;
    private final Map<Writer, Question> open = new HashMap<>();

    Verifications(ReentrantLock lock) {
        this.lock = lock;
    }

    private record Writer(long producerId, short epoch) {

        static Writer of(RecordBatch batch) {
            return new Writer(batch.producerId(), batch.producerEpoch());
        }
    }

    /** What waits for one answer. */
    static final class Question {

        private final Writer writer;
        private final ArrayDeque<Parked> waiting = new ArrayDeque<>();

        private Question(Writer writer) {
            this.writer = writer;
        }
    }

    boolean isAsked(RecordBatch batch) {
        return open.containsKey(Writer.of(batch));
    }

    /** @return the question, when it has to be asked now */
    Optional<Question> wait(RecordBatch batch, Parked append) {
        Writer writer = Writer.of(batch);
        Question before = open.get(writer);
        Question question = before == null ? new Question(writer) : before;
        question.waiting.add(append);
        open.put(writer, question);
        return before == null ? Optional.of(question) : Optional.empty();
    }

    /** What waits for the answer goes on, one after the other, without the lock. */
    void ask(Question question, TransactionEntry transaction) {
        CompletableFuture<Void> asked;
        try {
            asked = transaction.verify();
        } catch (RuntimeException e) { // else its appends would wait for ever
            asked = CompletableFuture.failedFuture(e);
        }
        var unused = asked.whenComplete((verified, error) -> {
            for (Parked append = next(question); append != null; append = next(question)) {
                append.end(error);
            }
        });
    }

    /** Null ends the waiting, for newer ones too. */
    private @Nullable Parked next(Question question) {
        lock.lock();
        try {
            if (open.get(question.writer) != question) {
                return null; // a marker came first
            }
            Parked next = question.waiting.poll();
            if (next == null) {
                open.remove(question.writer);
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** @return what must be refused, since the transaction it asked about has ended */
    List<Parked> end(TransactionMarker marker) {
        var late = new ArrayList<Parked>();
        open.values().removeIf(question -> {
            boolean ended = marker.ends(question.writer.producerId(), question.writer.epoch());
            if (ended) {
                late.addAll(question.waiting);
            }
            return ended;
        });
        return late;
    }
}
