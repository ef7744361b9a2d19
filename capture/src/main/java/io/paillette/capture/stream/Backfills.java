package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backfills of a source, one after the other, between the transactions of its stream (see {@link BackfillRun}). One that
 * something is in the way of lets others go before it. Owned by the reader thread, but for {@link #ask}.
 */
final class Backfills implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backfills.class);
    private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int LONGEST_REASON = 1_000;

    private final String source;
    private final int mostRows;
    private final BackfillReader reader;
    private final BackfillOutlet outlet;
    private final OvertakenRows overtaken = new OvertakenRows();

    /** Null: as the position has it. */
    private volatile @Nullable List<Backfill> asked;

    private @Nullable List<Backfill> taken;
    private @Nullable BackfillRun run;

    /** By id, of those that were begun: what was delivered since is remembered. */
    private final Map<String, Long> attempts = new HashMap<>();

    private long lastAttempt;

    /** By id, those that something is in the way of, with when to try again. */
    private final Map<String, Long> restingUntilNanos = new HashMap<>();

    /** @param mostRows of a chunk */
    Backfills(PreparedSource prepared, TableSnapshots snapshots, Outlet outlet, int mostRows) {
        this.source = prepared.name();
        this.mostRows = mostRows;
        this.reader = new BackfillReader(prepared);
        this.outlet = new BackfillOutlet(snapshots, outlet);
    }

    /** From any thread: these instead of those that were asked for before. */
    void ask(List<Backfill> wanted) {
        if (wanted.stream().map(Backfill::id).distinct().count() != wanted.size()) {
            throw new IllegalArgumentException("two backfills have the same id: " + wanted);
        }
        asked = List.copyOf(wanted);
    }

    /** Told of what is delivered. */
    OvertakenRows overtaken() {
        return overtaken;
    }

    /** {@link System#nanoTime} since when the next turn is waited for; empty where it may come whenever it comes. */
    Optional<Long> urgentSinceNanos() {
        return Optional.ofNullable(run).filter(BackfillRun::isUrgent).map(BackfillRun::sinceNanos);
    }

    /** Does what can be done without waiting for the server; says whether the progress is another one now. */
    boolean turn(StreamPlace place) throws CaptureException, InterruptedException {
        boolean changed = takeIn(place);
        forgetLeft();
        while (true) {
            Optional<BackfillProgress> due = due();
            BackfillRun current = run;
            if (current != null && (due.isEmpty() || !current.isFor(due.get().asked()))) {
                forget(current);
                current = null;
            }
            if (due.isEmpty()) {
                return changed;
            }
            if (current == null) {
                LOG.info(
                        "Source {}: backfill {} of {}",
                        source,
                        due.get().asked().id(),
                        due.get().asked().table());
                long attempt = attempts.computeIfAbsent(due.get().asked().id(), id -> ++lastAttempt);
                current = new BackfillRun(due.get(), reader, outlet, overtaken, mostRows, place, attempt);
                run = current;
            }
            changed |= advance(current, due.get(), place);
            if (run != null && !current.hasEnded()) {
                return changed;
            }
        }
    }

    /** The one that is worked at as long as it can be, else the first that can. */
    private Optional<BackfillProgress> due() {
        List<BackfillProgress> all = outlet.progress();
        if (all.isEmpty()) {
            return Optional.empty();
        }
        List<BackfillProgress> ready = all.stream().filter(this::isReady).toList();
        BackfillRun current = run;
        return ready.stream()
                .filter(one -> current != null && current.isFor(one.asked()))
                .findFirst()
                .or(() -> ready.stream().findFirst());
    }

    private boolean isReady(BackfillProgress one) {
        Long until = restingUntilNanos.get(one.asked().id());
        return !one.hasEnded()
                && !one.asked().paused()
                && !outlet.isAwaited(one.oid())
                && (until == null || System.nanoTime() - until >= 0);
    }

    /** When it comes to its turn again it begins anew. */
    private void forget(BackfillRun left) {
        attempts.remove(left.id());
        leave(left);
        if (attempts.isEmpty()) {
            overtaken.forget();
        }
    }

    /** What is not worked at just now may have failed, or been stopped or paused. */
    private void forgetLeft() {
        if (run != null || attempts.isEmpty()) {
            return;
        }
        Set<String> wanted = outlet.progress().stream()
                .filter(one -> !one.hasEnded() && !one.asked().paused())
                .map(one -> one.asked().id())
                .collect(Collectors.toSet());
        attempts.keySet().retainAll(wanted);
        restingUntilNanos.keySet().retainAll(wanted);
        if (attempts.isEmpty()) {
            overtaken.forget();
        }
    }

    private void leave(BackfillRun left) {
        left.leave();
        reader.rest();
        run = null;
    }

    private boolean takeIn(StreamPlace place) throws CaptureException, InterruptedException {
        List<Backfill> wanted = asked;
        if (wanted == null || wanted.equals(taken)) {
            return false;
        }
        taken = wanted;
        restingUntilNanos.clear();
        attempts.keySet()
                .removeIf(id -> wanted.stream().noneMatch(one -> one.id().equals(id) && !one.paused()));
        List<BackfillProgress> before = outlet.progress();
        List<BackfillProgress> now = wanted.stream()
                .map(one -> before.stream()
                        .filter(known -> known.asked().isSameAs(one))
                        .findFirst()
                        .map(known -> known.asked(one))
                        .orElseGet(() -> BackfillProgress.of(one)))
                .toList();
        if (now.equals(before)) {
            return false;
        }
        outlet.put(now, place);
        return true;
    }

    private boolean advance(BackfillRun current, BackfillProgress due, StreamPlace place)
            throws CaptureException, InterruptedException {
        try {
            return current.advance(due, place);
        } catch (ExecutionException e) {
            leave(current);
            if (!(e.getCause() instanceof CaptureException fault)) {
                throw new IllegalStateException("a backfill met what it does not understand", e.getCause());
            }
            return failed(due, fault, place);
        }
    }

    private boolean failed(BackfillProgress due, CaptureException fault, StreamPlace place)
            throws CaptureException, InterruptedException {
        String id = due.asked().id();
        String reason = cut(String.valueOf(fault.getMessage()));
        if (!fault.isTransient()) {
            LOG.error("Source {}: backfill {} failed: {}", source, id, reason);
            outlet.put(due.failed(reason), place);
            return true;
        }
        reader.seen().ifPresent(overtaken::settle); // or they would pile up for as long as it rests
        restingUntilNanos.put(id, System.nanoTime() + REST_NANOS);
        if (reason.equals(due.fault())) {
            return false;
        }
        LOG.warn("Source {}: backfill {} waits: {}", source, id, reason);
        outlet.put(due.troubled(reason), place);
        return true;
    }

    /** Postgres puts whole values into its messages, and every position has it. */
    private static String cut(String reason) {
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + " ...";
    }

    @Override
    public void close() {
        reader.close();
    }
}
