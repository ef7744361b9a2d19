package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.KeyComparison;
import io.paillette.capture.snapshot.KeyComparison.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to the queue. Of some rows only Postgres can say whether what was read of their table contains them:
 * it is asked for all of them at once, when they are taken.
 */
final class EventBatch {

    /** About what it takes to ask. */
    private static final long MOST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final KeyComparison keys;
    private List<CaptureEvent> events = new ArrayList<>();
    private long bytes;

    /** By index of their event. */
    private Map<Integer, Doubt> doubts = new HashMap<>();

    /** Indexes of commits that are only worth telling when a row in doubt is. */
    private Set<Integer> doubtfulCommits = new HashSet<>();

    private @Nullable TransactionInfo transaction;

    /** Something of the current transaction was delivered. */
    private boolean delivered;

    private boolean doubtful;
    private long doubtfulSinceNanos;

    private record Doubt(Contained.Beyond contained, ToldKeys keys) {}

    /**
     * Events to hand over.
     *
     * @param unclear tables of which a row was met that could not be decided: they are to be read again, and their later
     *                rows are not among the events; with the transactions that these were of
     */
    record Taken(List<CaptureEvent> events, Map<Integer, Set<Long>> unclear) {}

    EventBatch(KeyComparison keys) {
        this.keys = keys;
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    /** Whether the server is to be asked, and others may still come that it can be asked about at once. */
    boolean waitsForMore() {
        return !doubts.isEmpty() && System.nanoTime() - doubtfulSinceNanos < MOST_WAIT_NANOS;
    }

    /** {@code delivered}: a part of it was, before a restart. */
    void begin(TransactionInfo next, boolean partDelivered) {
        transaction = next;
        delivered = partDelivered;
        doubtful = false;
    }

    void add(CaptureEvent event, long size) {
        events.add(event);
        bytes += size;
        delivered = true;
    }

    /** A row that is delivered unless the rows read contain it. */
    void addInDoubt(CaptureEvent.Row row, Contained.Beyond contained, long size) {
        if (doubts.isEmpty()) {
            doubtfulSinceNanos = System.nanoTime();
        }
        doubts.put(events.size(), new Doubt(contained, ToldKeys.of(contained.key(), row)));
        events.add(row);
        bytes += size;
        doubtful = true;
    }

    /** Told only when something of the transaction is. */
    void commit(CaptureEvent.Commit commit, long size) {
        if (delivered || doubtful) {
            if (!delivered) {
                doubtfulCommits.add(events.size());
            }
            events.add(commit);
            bytes += size;
        }
    }

    /** Hands over what was made so far. */
    Taken take() throws CaptureException {
        Taken taken = doubts.isEmpty() ? new Taken(events, Map.of()) : new Decision().taken();
        events = new ArrayList<>();
        doubts = new HashMap<>();
        doubtfulCommits = new HashSet<>();
        doubtful = false;
        bytes = 0;
        return taken;
    }

    /** What becomes of the events once the server was asked. */
    private final class Decision {

        private final Map<Question, Optional<Boolean>> answers = new HashMap<>();
        private final List<CaptureEvent> kept = new ArrayList<>(events.size());
        /** Commits of transactions of which a row is. */
        private final Set<Lsn> told = new HashSet<>();

        private final Map<Integer, Set<Long>> unclear = new HashMap<>();

        Taken taken() throws CaptureException {
            ask();
            for (int i = 0; i < events.size(); i++) {
                CaptureEvent event = events.get(i);
                if (event instanceof CaptureEvent.Row row) {
                    decide(row, doubts.get(i));
                } else if (!(event instanceof CaptureEvent.Commit commit)
                        || !doubtfulCommits.contains(i)
                        || told.contains(commit.transactionLsn())) {
                    keep(event);
                }
            }
            delivered |= transaction != null && told.contains(transaction.commit());
            return new Taken(kept, unclear);
        }

        private void ask() throws CaptureException {
            Set<Question> questions = new HashSet<>();
            for (Doubt doubt : doubts.values()) {
                doubt.keys().before().ifPresent(key -> questions.add(question(doubt, key)));
                doubt.keys().after().ifPresent(key -> questions.add(question(doubt, key)));
            }
            List<Question> asked = List.copyOf(questions);
            List<Optional<Boolean>> found = keys.answers(asked);
            for (int i = 0; i < asked.size(); i++) {
                answers.put(asked.get(i), found.get(i));
            }
        }

        private Question question(Doubt doubt, List<String> key) {
            return new Question(doubt.contained().key(), key, doubt.contained().bound());
        }

        private void decide(CaptureEvent.Row row, @Nullable Doubt doubt) throws CaptureException {
            int oid = row.relation().oid();
            Set<Long> withheld = unclear.get(oid);
            if (withheld != null) {
                withheld.add(row.transaction().xid());
                return;
            }
            if (doubt == null) {
                keep(row);
                return;
            }
            Optional<Boolean> after = doubt.keys().after().isEmpty()
                    ? answer(doubt, doubt.keys().before())
                    : answer(doubt, doubt.keys().after());
            Optional<Boolean> before = doubt.keys().before().isEmpty()
                    ? after
                    : answer(doubt, doubt.keys().before());
            if (!doubt.keys().whole() || before.isEmpty() || after.isEmpty()) {
                unclear.put(oid, new HashSet<>(Set.of(row.transaction().xid())));
            } else if (!before.get() && !after.get()) {
                keep(row);
            } else if (!before.get()) {
                keep(row.as(Kind.DELETE, row.before(), null));
            } else if (!after.get()) {
                keep(insertOf(row, doubt));
            }
        }

        private Optional<Boolean> answer(Doubt doubt, Optional<List<String>> key) {
            return key.flatMap(values -> answers.getOrDefault(question(doubt, values), Optional.empty()));
        }

        /** From where a table is unclear, no position may say that it was read. */
        private void keep(CaptureEvent event) {
            CaptureEvent as = event;
            for (int oid : unclear.keySet()) {
                as = as.at(as.position().anew(oid));
            }
            kept.add(as);
            if (event instanceof CaptureEvent.Row row) {
                told.add(row.transaction().commit());
            }
        }

        /** The old row was not read any more, the new one not yet: its values that the change leaves out nobody has. */
        private CaptureEvent.Row insertOf(CaptureEvent.Row row, Doubt doubt) throws CaptureException {
            Tuple after = row.after();
            Tuple whole = after == null || row.before() == null ? after : after.filledFrom(row.before());
            if (whole != null && whole.hasUnchanged()) {
                Optional<Tuple> now = keys.row(
                        row.relation(),
                        doubt.contained().key(),
                        doubt.keys().after().orElseThrow());
                whole = now.isPresent() ? whole.filledFrom(now.get()) : whole;
            }
            return row.as(Kind.INSERT, null, whole);
        }
    }
}
