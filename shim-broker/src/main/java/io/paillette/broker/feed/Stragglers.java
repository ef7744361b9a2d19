package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Arrears;
import io.paillette.capture.Backfill;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sequences of a source that are behind it: those that have stopped, because of a change that they cannot tell, and those
 * that are told what they missed. What the source has for the others goes on meanwhile; the slot keeps what these lack.
 *
 * <pre>
 *   told with the others ──fails at a change──> stopped ──next start──> catching up ──the source's position──> told with the others
 * </pre>
 *
 * <p>Only changes can be told later: rows that are read are read once. So a sequence does not stop alone while rows of its
 * tables are read, and while it is stopped none are.
 *
 * <p>Of the feed's thread, save {@link #stopped()}.
 */
final class Stragglers {

    private static final Logger LOG = LoggerFactory.getLogger(Stragglers.class);

    private final FeedRules rules;

    /** Of those that failed since this feed was started; outlives a fault that passes. */
    private final Map<String, String> reasons;

    private final Retries retries;

    private final Map<String, Position> stopped = new TreeMap<>();
    private final Map<String, Position> resumed = new TreeMap<>();
    private final boolean inTransaction;

    /** While some catch up: the source's position, up to which all others have been told. */
    private @Nullable Position source;

    /** Where the source stands before the first event. */
    private final Optional<Position> start;

    /** As the stored bookmark says, whatever has been taken out of the configuration since. */
    private final Optional<Lsn> kept;

    /** The stored bookmark without those that are no more; empty where it has none such. */
    private final Optional<Bookmark> pruned;

    /** Why one of them is not as it is defined. */
    private @Nullable CaptureException refusal;

    private @Nullable SnapshotProgress lookedAt;
    private volatile List<StoppedSequence> shown = List.of();

    /**
     * @param from    where the last append left the source
     * @param reasons why those have stopped that are not to be tried now, by name
     */
    Stragglers(FeedRules rules, Optional<Bookmark> from, Map<String, String> reasons, Retries retries) {
        this.rules = rules;
        this.reasons = reasons;
        this.retries = retries;
        this.start = from.map(Bookmark::position);
        this.inTransaction = from.filter(bookmark -> bookmark.producerId().isPresent() && bookmark.isInside())
                .isPresent();
        this.kept = from.flatMap(Bookmark::kept);
        Map<String, Position> behind = new HashMap<>(from.map(Bookmark::behind).orElse(Map.of()));
        behind.keySet()
                .retainAll(rules.sequences().stream().map(SequenceRule::name).toList());
        this.pruned = from.filter(bookmark -> bookmark.behind().size() > behind.size())
                .map(bookmark -> bookmark.behind(behind));
        reasons.keySet().retainAll(behind.keySet());
        retries.forgetAllBut(
                rules.sequences().stream().map(SequenceRule::name).toList()); // of some no bookmark tells yet
        behind.forEach((name, place) -> {
            boolean now = !inTransaction && !reasons.containsKey(name);
            (now ? resumed : stopped).put(name, place);
        });
        if (!resumed.isEmpty()) {
            source = start.orElseThrow();
            LOG.info("source {}: {} catch up", rules.capture().name(), resumed.keySet());
        }
        show();
    }

    /** To be stored before the first event: a sequence that is made under such a name later is another. */
    Optional<Bookmark> pruned() {
        return pruned;
    }

    /** Of a source that has told nothing yet: whatever keeps one of its sequences back keeps it from beginning. */
    static Stragglers ofUnbegun(FeedRules rules) {
        return new Stragglers(rules, Optional.empty(), new HashMap<>(), new Retries(System::nanoTime));
    }

    /** What a capture from the source's position is to give besides. Called before the first event. */
    Arrears arrears() {
        source = resumed.isEmpty() ? null : source; // none of them is left to catch up
        Optional<Lsn> lowest = Stream.concat(stopped.values().stream().map(Position::end), kept.stream())
                .min(Comparator.naturalOrder());
        Optional<Position> first =
                resumed.values().stream().min((one, other) -> one.isBeyond(other) ? 1 : other.isBeyond(one) ? -1 : 0);
        return new Arrears(lowest, first);
    }

    /**
     * No position means anything any more, and all tables are read again: for these, too.
     *
     * @throws CaptureException where one of them cannot be told as it is defined
     */
    void beganAnew() throws CaptureException {
        if (refusal != null) {
            throw refusal;
        }
        stopped.clear();
        resumed.clear();
        reasons.clear();
        source = null;
        show();
    }

    /**
     * Before an event is told.
     *
     * @throws CaptureException where a sequence that has stopped would miss rows
     */
    @SuppressWarnings("ReferenceEquality") // Looking at an equal one once more is no harm.
    void arrived(Position position) throws CaptureException {
        if (stopped.isEmpty() || position.snapshot() == lookedAt) {
            return;
        }
        for (SequenceRule rule : rules.sequences()) {
            if (stopped.containsKey(rule.name()) && isRead(rule, position)) {
                throw new CaptureException(
                        "sequence." + rule.name()
                                + " has stopped, and would miss rows of its tables that are about to be" + " read: "
                                + reasons.getOrDefault(rule.name(), "it waits to be told what it missed"),
                        retries.isPending(rule.name()), // then it passes with that
                        null);
            }
        }
        lookedAt = position.snapshot();
    }

    /** Whether a sequence is told of the event at {@code position}. Without a rule: a topic of the source's own. */
    boolean tells(Optional<SequenceRule> rule, Position position) {
        if (source == null && stopped.isEmpty()) {
            return true;
        }
        String name = rule.map(SequenceRule::name).orElse("");
        if (stopped.containsKey(name)) {
            return false;
        }
        Position told = resumed.getOrDefault(name, source);
        return told == null || position.isBeyond(told);
    }

    /**
     * Before the first event: these cannot go on as they are defined.
     *
     * @throws CaptureException where their source cannot go on without one of them, for instance because it never began
     */
    void stop(List<Refusal> refused) throws CaptureException {
        for (Refusal one : refused) {
            Position now = start.orElse(null);
            String name = one.rule().name();
            if (now == null || isRead(one.rule(), now)) {
                throw one.cause();
            }
            refusal = one.cause();
            if (!stopped.containsKey(name)) {
                stopAt(resumed.getOrDefault(name, now), one.rule(), one.cause());
            }
        }
    }

    /**
     * The sequence cannot tell the event at hand, and stays behind it.
     *
     * @param position of the event
     * @throws CaptureException {@code cause}, where its source cannot go on without it
     */
    void stop(SequenceRule rule, Position position, CaptureException cause) throws CaptureException {
        if (cause.isTransient() || !canStopAlone(rule, position)) {
            throw cause;
        }
        stopAt(before(position), rule, cause);
    }

    private static boolean canStopAlone(SequenceRule rule, Position position) {
        boolean isChange = !position.commit().equals(Lsn.NONE) && position.ordinal() > 0;
        return isChange && !isRead(rule, position);
    }

    private static Position before(Position position) {
        return position.inside(position.commit(), position.ordinal() - 1);
    }

    /** Whether a sequence that fails for the event at hand stops there to be tried again, whatever else it does with failures. */
    boolean areTriedAgain(SequenceRule rule, Position position) {
        return canStopAlone(rule, position) && retries.areLeft(rule, before(position));
    }

    private void stopAt(Position place, SequenceRule rule, CaptureException cause) {
        resumed.remove(rule.name());
        stopped.put(rule.name(), bare(place));
        lookedAt = null;
        Optional<Duration> pause = retries.failed(rule, place);
        reasons.put(
                rule.name(),
                cause.getMessage()
                        + pause.map(some -> " It is tried again, as errors.retry.timeout says.")
                                .orElse(""));
        if (pause.isPresent()) {
            LOG.warn(
                    "sequence.{} is tried again at {} in {} ms: {}",
                    rule.name(),
                    place.end(),
                    pause.get().toMillis(),
                    cause.getMessage());
        } else {
            LOG.error(
                    "sequence.{} stopped at {}, and its source goes on without it: {}",
                    rule.name(),
                    place.end(),
                    cause.getMessage(),
                    cause);
        }
        show();
    }

    /** After an event was told. */
    void passed(Position position) {
        if (source != null && !source.isBeyond(position)) {
            if (!resumed.isEmpty()) {
                LOG.info("source {}: {} have caught up", rules.capture().name(), resumed.keySet());
            }
            resumed.clear();
            retries.forgetAllBut(stopped.keySet());
            source = null;
            show();
        }
    }

    boolean areCatchingUp() {
        return source != null;
    }

    /** To be started again: what is read now is for nobody, or some can catch up now. */
    boolean areToBeginAgain(boolean transactionIsOpen, boolean inside) {
        boolean forNobody = source != null && resumed.isEmpty();
        if (transactionIsOpen) {
            return forNobody;
        }
        boolean due = !inside && reasons.keySet().removeAll(retries.due());
        boolean wait = inTransaction && stopped.keySet().stream().anyMatch(name -> !reasons.containsKey(name));
        return forNobody || due || wait;
    }

    /** What is to be kept once all up to {@code position} is told. */
    Bookmark bookmark(Position position, OptionalLong producerId) {
        if (source == null || !source.isBeyond(position)) {
            return new Bookmark(position, producerId, stopped);
        }
        Map<String, Position> behind = new HashMap<>(stopped);
        resumed.forEach((name, told) -> behind.put(name, told.isBeyond(position) ? told : bare(position)));
        return new Bookmark(source, OptionalLong.empty(), behind);
    }

    /** From any thread. */
    List<StoppedSequence> stopped() {
        return shown;
    }

    /** Whether its rows may be read now. From any thread. */
    boolean mayRead(Backfill asked) {
        List<String> names = shown.stream().map(StoppedSequence::name).toList();
        return names.isEmpty()
                || rules.sequences().stream().noneMatch(rule -> names.contains(rule.name()) && isFor(rule, asked));
    }

    private static boolean isFor(SequenceRule rule, Backfill asked) {
        return rule.names(asked.table())
                && (asked.into().isEmpty() || asked.into().equals(rule.name()));
    }

    /** Whether rows of its tables are being read, or the stream has still to pass what was, or it is not ours yet. */
    private static boolean isRead(SequenceRule rule, Position position) {
        SnapshotProgress progress = position.snapshot();
        return position.predecessor().isPresent()
                || !progress.complete()
                || !progress.again().isEmpty()
                || Stream.concat(progress.tables().stream(), progress.reading().stream())
                        .anyMatch(table -> rule.names(table.name()))
                || progress.backfills().stream().anyMatch(one -> !one.hasEnded() && isFor(rule, one.asked()));
    }

    /** How far tables are read is the source's. */
    private static Position bare(Position position) {
        return new Position(
                position.end(),
                position.commit(),
                position.ordinal(),
                SnapshotProgress.DONE,
                position.server(),
                Optional.empty());
    }

    private void show() {
        var all = new ArrayList<StoppedSequence>();
        stopped.forEach((name, place) ->
                all.add(new StoppedSequence(name, place.end().toString(), reasons.getOrDefault(name, ""))));
        resumed.forEach(
                (name, place) -> all.add(new StoppedSequence(name, place.end().toString(), "")));
        shown = List.copyOf(all);
    }
}
