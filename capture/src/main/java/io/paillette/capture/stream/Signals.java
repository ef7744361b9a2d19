package io.paillette.capture.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.Signal;
import io.paillette.capture.Signal.Action;
import io.paillette.capture.TableName;
import io.paillette.capture.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in what people ask of a running capture. A signal that is a row is carried out where its transaction commits: the
 * position after that has it, so it is carried out once, whatever is killed. One that is sent stands in the position with
 * the place from which its sender goes on. Owned by the reader thread, but for {@link #send}.
 */
final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
    private static final List<String> COLUMNS = List.of("id", "type", "data");

    /** That wait, and of one transaction. */
    private static final int MOST = 100;

    private static final int LONGEST_ID = 25;

    /** Every position of the source has them. */
    private static final int MOST_ENDED = 20;

    private static final int MOST_CHARACTERS = 200_000;
    private static final int CHARACTERS_BESIDE_CONDITION = 300;

    private final String source;
    private final Optional<TableName> table;
    private final TableSnapshots snapshots;
    private final List<Signal> ofTransaction = new ArrayList<>();
    private final BlockingQueue<Sent> sent = new ArrayBlockingQueue<>(MOST);

    private record Sent(Optional<Signal> signal, long next) {}

    /** Asks the server. */
    @FunctionalInterface
    interface CapturedTables {
        List<TableName> now() throws CaptureException;
    }

    /** @param table whose rows are signals, if any */
    Signals(String source, Optional<TableName> table, TableSnapshots snapshots) {
        this.source = source;
        this.table = table;
        this.snapshots = snapshots;
    }

    /** For a stream in which nobody sends any. */
    static Signals none(TableSnapshots snapshots) {
        return new Signals("", Optional.empty(), snapshots);
    }

    /** From any thread; waits while too many are sent. Without a signal only the place from which the sender goes on moves. */
    void send(Optional<Signal> signal, long next) throws InterruptedException {
        sent.put(new Sent(signal, next));
    }

    boolean mayBeRows() {
        return table.isPresent();
    }

    void begin() {
        ofTransaction.clear();
    }

    /** A row of any table was inserted. */
    void inserted(Relation relation, Tuple row) {
        if (table.isEmpty() || !relation.name().equals(table.get())) {
            return;
        }
        List<Optional<String>> values = values(relation, row);
        String id = values.get(0).orElse("");
        if (ofTransaction.size() >= MOST) {
            LOG.error(
                    "Source {}: signal \"{}\" is not carried out: its transaction has {} before it", source, id, MOST);
            return;
        }
        try {
            ofTransaction.add(Signal.of(id, values.get(1).orElse(""), values.get(2)));
        } catch (IllegalArgumentException e) {
            LOG.error("Source {}: signal \"{}\" is not carried out: {}", source, id, e.getMessage());
        }
    }

    /** By name; where they are called otherwise, the first three, as Debezium reads them. */
    private static List<Optional<String>> values(Relation relation, Tuple row) {
        List<String> names = relation.columns().stream().map(Column::name).toList();
        boolean named = names.containsAll(COLUMNS);
        List<Optional<String>> values = new ArrayList<>();
        for (int i = 0; i < COLUMNS.size(); i++) {
            values.add(value(row, named ? names.indexOf(COLUMNS.get(i)) : i));
        }
        return values;
    }

    private static Optional<String> value(Tuple row, int column) {
        byte @Nullable [] value = column < row.size() ? row.value(column) : null;
        return value == null ? Optional.empty() : Optional.of(new String(value, UTF_8));
    }

    /** The transaction commits; says whether the progress is another one now. */
    boolean commit(Lsn commit, CapturedTables captured) throws CaptureException {
        int count = 0;
        for (Signal signal : ofTransaction) {
            carryOut(signal, commit + "." + ++count, commit, captured);
        }
        ofTransaction.clear();
        return count > 0;
    }

    /** Between two transactions: what was sent; says whether the progress is another one now. */
    boolean takeSent(Lsn place, CapturedTables captured) throws CaptureException {
        boolean changed = false;
        for (Sent one = sent.poll(); one != null; one = sent.poll()) {
            if (one.signal().isPresent()) {
                carryOut(
                        one.signal().get(),
                        "sent " + one.next() + "." + Long.toHexString(System.nanoTime()),
                        place,
                        captured);
            }
            snapshots.signalled(one.next());
            changed = true;
        }
        return changed;
    }

    private void carryOut(Signal signal, String origin, Lsn place, CapturedTables captured) throws CaptureException {
        LOG.info("Source {}: signal \"{}\" at {}: {}", source, signal.id(), place, signal.action());
        List<BackfillProgress> before = snapshots.progress().backfills();
        if (signal.action() instanceof Action.Execute execute) {
            snapshots.backfilling(added(before, signal, execute, origin, captured.now()));
        } else if (signal.action() instanceof Action.Stop stop) {
            snapshots.backfilling(before.stream()
                    .filter(one -> one.hasEnded() || !stop.isOf(one.asked().table()))
                    .toList());
        } else if (signal.action() instanceof Action.Pause) {
            snapshots.backfilling(changed(before, one -> !one.hasEnded(), one -> paused(one, true)));
        } else if (signal.action() instanceof Action.Resume) {
            snapshots.backfilling(changed(before, one -> !one.hasEnded(), one -> paused(one, false)));
        } else if (signal.action() instanceof Action.Log log) {
            LOG.info("Source {}: {}", source, log.message().replace("{}", place.toString()));
        }
    }

    private List<BackfillProgress> added(
            List<BackfillProgress> before,
            Signal signal,
            Action.Execute execute,
            String origin,
            List<TableName> captured) {
        long ended = before.stream().filter(BackfillProgress::hasEnded).count();
        List<BackfillProgress> all = new ArrayList<>();
        for (BackfillProgress one : before) {
            if (!one.hasEnded() || ended-- <= MOST_ENDED) {
                all.add(one);
            }
        }
        List<TableName> named = captured.stream()
                .filter(name -> execute.tables().matches(name.toString()))
                .toList();
        if (named.isEmpty()) {
            LOG.error(
                    "Source {}: signal \"{}\" is not carried out: {} is none of the captured tables",
                    source,
                    signal.id(),
                    execute.tables().patterns());
        }
        String id =
                signal.id().length() <= LONGEST_ID ? signal.id() : signal.id().substring(0, LONGEST_ID);
        for (TableName name : named) {
            String of = id + "@" + origin + "/" + name;
            all.add(BackfillProgress.of(new Backfill(of, name, execute.where(name), false)));
        }
        if (characters(all) > MOST_CHARACTERS) {
            LOG.error(
                    "Source {}: signal \"{}\" is not carried out: {} tables with their conditions, beside {} that were asked for"
                            + " before, would make every position too large: send it in parts, one after the other",
                    source,
                    signal.id(),
                    named.size(),
                    before.size());
            return before;
        }
        return all;
    }

    private static long characters(List<BackfillProgress> all) {
        return all.stream()
                .mapToLong(one -> one.asked().where().length() + CHARACTERS_BESIDE_CONDITION)
                .sum();
    }

    private static List<BackfillProgress> changed(
            List<BackfillProgress> all, Predicate<BackfillProgress> some, UnaryOperator<BackfillProgress> change) {
        return all.stream().map(one -> some.test(one) ? change.apply(one) : one).toList();
    }

    private static BackfillProgress paused(BackfillProgress one, boolean paused) {
        return one.asked(one.asked().paused(paused));
    }
}
