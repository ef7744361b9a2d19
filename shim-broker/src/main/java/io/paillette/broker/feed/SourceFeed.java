package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.feed.FeedState.Phase;
import io.paillette.broker.log.EndedByOthersException;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.Logs.FeedPosition;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.Topics;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.TableName;
import io.paillette.capture.envelope.MessageJson;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the sequences of one source: polls its capture, turns events into record batches, and appends them together with
 * the position in one SQL transaction. Only then is the position given back to the capture, which confirms it to the slot.
 *
 * <p>One thread, {@code paillette-feed-<source>}. A fault that can pass (Postgres restarting, connection lost) is retried
 * for ever with back-off from the stored position; any other stops this source with a sentence in {@link #state()} and
 * leaves its sequences readable.
 */
final class SourceFeed implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SourceFeed.class);

    /** While something is under way: how late its failure may be noticed. A poll returns as soon as there is something. */
    private static final Duration POLL = Duration.ofMillis(100);

    private static final Duration QUIET_POLL = Duration.ofSeconds(5);

    /** The log has said that this broker feeds the source: an earlier reader of the slot is dead or frozen. */
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(1);

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(30);
    private static final Duration LAST_RETRY = Duration.ofSeconds(10);

    private final FeedRules rules;
    private final CaptureSettings settings;
    private final Logs logs;
    private final Routes routes;
    private final SequenceTopics sequences;
    private final SequenceFunctions functions;
    private final SequenceChains chains;
    private final SequenceCounts counts = new SequenceCounts();
    private final EventRecords encoder;
    private final Map<String, String> stopReasons = new HashMap<>(); // of the feed's thread
    private final Retries retries = new Retries(System::nanoTime);
    private final SequenceHold hold;
    private final Thread thread;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong records = new AtomicLong();

    /** The producer whose transaction an append found ended by somebody else. Of the feed's thread. */
    private OptionalLong ended = OptionalLong.empty();

    private volatile Status status = new Status(Phase.STARTING, "");
    private volatile String position = "";
    private volatile Optional<Capture> running = Optional.empty();
    private volatile Optional<Addressing> asking = Optional.empty();
    private volatile Optional<Stragglers> stragglers = Optional.empty();

    /** @param hold what is done each time the source has been claimed, before anything is appended; may block, and fail */
    SourceFeed(FeedRules rules, Topics topics, Logs logs, Plugins plugins, SequenceHold hold) {
        this.hold = hold;
        this.settings = rules.capture().takingSlotOverAfter(SLOT_PATIENCE).storingEveryPosition();
        this.logs = logs;
        this.rules = rules;
        this.routes = new Routes(rules);
        this.sequences = new SequenceTopics(rules, topics);
        var messages = new MessageJson(
                rules.version(),
                settings.name(),
                rules.database(),
                settings.values().binaries(),
                InstantSource.system());
        this.functions = new SequenceFunctions(rules);
        this.chains = new SequenceChains(rules, plugins);
        this.encoder =
                new SequenceRecords(new Writers(rules)::of, functions, chains, counts, messages, routes, sequences);
        this.thread = new Thread(this::runAndClose, "paillette-feed-" + settings.name());
    }

    boolean goesBy(FeedRules others) {
        return rules.made().equals(others.made());
    }

    void start() {
        thread.start();
    }

    /** Waits until the source runs or is known not to, at most {@code limit}; a long wait for a slot is not waited for. */
    FeedState awaitStart(Duration limit) throws InterruptedException {
        var unused = started.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        return state();
    }

    FeedState state() {
        Status now = status;
        Optional<Capture> capture = running;
        return new FeedState(
                settings.name(),
                now.phase(),
                now.reason(),
                position,
                records.get(),
                capture.map(Capture::lagBytes).orElseGet(OptionalLong::empty),
                capture.flatMap(Capture::slot),
                capture.map(Capture::reading),
                capture.map(Capture::backfills).orElse(List.of()),
                stragglers.map(Stragglers::stopped).orElse(List.of()));
    }

    SequenceCounts counts() {
        return counts;
    }

    /** Asks for these backfills, and says how far those are that are asked for; empty while the source is not read. */
    Optional<List<BackfillProgress>> backfill(List<Backfill> asked) {
        Optional<Capture> capture = running;
        List<Backfill> possible = asked.stream()
                .filter(this::knowsReader)
                .filter(one -> stragglers.map(behind -> behind.mayRead(one)).orElse(true))
                .toList();
        capture.ifPresent(reading -> reading.backfill(possible));
        return capture.map(Capture::backfills)
                .map(all -> all.stream().map(this::unlessUnread).toList());
    }

    /** One whose sequence was made just now waits until the feed goes by it. */
    private boolean knowsReader(Backfill asked) {
        return asked.into().isEmpty() || reader(asked).isPresent();
    }

    private Optional<SequenceRule> reader(Backfill asked) {
        return rules.sequences().stream()
                .filter(rule -> rule.name().equals(asked.into()))
                .findFirst();
    }

    private BackfillProgress unlessUnread(BackfillProgress progress) {
        return routes.unread(progress.asked())
                .map(table -> progress.failed(whyUnread(progress.asked(), table)))
                .orElse(progress);
    }

    /** The table has got another name, or the sequence other tables. */
    private String whyUnread(Backfill asked, TableName table) {
        return reader(asked)
                .filter(rule -> table.equals(asked.table()))
                .map(rule -> SequenceReaders.unread(rule, table))
                .orElse("its table is called " + table + " by now, which sequence " + asked.into() + " does not read");
    }

    /** Stores what was encoded, then stops; bounded by the store's own timeouts. */
    @Override
    public void close() {
        stopping.countDown();
        running.ifPresent(Capture::wake);
        asking.ifPresent(Addressing::cancel);
        functions.cancel();
        try {
            thread.join(LONGEST_STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.warn(
                    "source {}: still storing after {}; what it did not store is read again",
                    settings.name(),
                    LONGEST_STOP);
        }
    }

    private void runAndClose() {
        try (functions;
                chains) {
            run();
        }
    }

    private void run() {
        Duration retry = FIRST_RETRY;
        while (true) {
            long recordsBefore = records.get();
            Failure failure = attempt();
            if (stopping.getCount() == 0) {
                enter(Phase.STOPPED, "");
                return;
            }
            if (Thread.currentThread().isInterrupted() || (failure == null && stopsWithin(FIRST_RETRY))) {
                enter(Phase.STOPPED, "");
                return;
            }
            if (failure == null) {
                continue;
            }
            if (!failure.passes()) {
                enter(Phase.FAILED, failure.reason());
                stopped(failure);
                return;
            }
            retry = records.get() > recordsBefore ? FIRST_RETRY : retry;
            enter(Phase.RETRYING, failure.reason());
            log.warn("source {}: {}; next try in {} ms", settings.name(), failure.reason(), retry.toMillis());
            if (stopsWithin(retry)) {
                enter(Phase.STOPPED, "");
                return;
            }
            retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        }
    }

    /** What capture says is meant for people; where anything else came from has to be seen. */
    private void stopped(Failure failure) {
        if (failure.cause() instanceof CaptureException) {
            log.error("source {} stopped: {}", settings.name(), failure.reason());
            log.debug("the cause in full", failure.cause());
        } else {
            log.error("source {} stopped: {}", settings.name(), failure.reason(), failure.cause());
        }
    }

    /** Runs until asked to stop, or to begin again (null), or until something fails. */
    private @Nullable Failure attempt() {
        try {
            Optional<Bookmark> stored =
                    logs.claimFeed(settings.name()).join().map(Bookmark::read).map(this::unlessAborted);
            List<SequenceDefinition> removed = hold.take(rules, sequences);
            Optional<Bookmark> from = stored.map(this::unlessUnknown);
            var behind = new Stragglers(rules, from, stopReasons, retries);
            stragglers = Optional.of(behind);
            behind.pruned()
                    .or(() -> from.filter(known -> !known.equals(stored.orElseThrow())))
                    .ifPresent(left -> logs.append(List.of(), new FeedPosition(settings.name(), left.text()))
                            .join());
            removed.forEach(hold::letGo);
            try (var addressing = new Addressing(rules, routes, behind)) {
                asking = Optional.of(addressing);
                behind.stop(addressing.check());
                behind.stop(functions.compile());
                behind.stop(chains.make());
                return stopping.getCount() == 0 ? null : capture(from, addressing, behind);
            } finally {
                asking = Optional.empty();
            }
        } catch (CaptureException e) {
            return new Failure(e.isTransient(), String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (CompletionException e) {
            return failureOf(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            return failureOf(e);
        }
    }

    private @Nullable Failure capture(Optional<Bookmark> from, Addressing addressing, Stragglers behind)
            throws CaptureException, InterruptedException {
        try (Capture capture = Capture.start(settings, from.map(Bookmark::position), behind.arrears())) {
            if (capture.beganAnew()) {
                behind.beganAnew();
            }
            running = Optional.of(capture);
            enter(Phase.RUNNING, "");
            pump(capture, addressing, from, behind);
            return null;
        } finally {
            running = Optional.empty();
        }
    }

    /**
     * Where the sequence of a backfill is not known here it is not gone on with: its rows would be for nobody, or for another that is made
     * under that name.
     */
    private Bookmark unlessUnknown(Bookmark stored) {
        List<BackfillProgress> all = stored.position().snapshot().backfills();
        List<BackfillProgress> known = all.stream()
                .filter(one -> one.hasEnded() || knowsReader(one.asked()))
                .toList();
        return known.size() == all.size()
                ? stored
                : stored.at(stored.position().with(stored.position().snapshot().backfilling(known)));
    }

    /** Only part of it would be seen, if the rest came under the same producer. */
    private Bookmark unlessAborted(Bookmark stored) {
        boolean aborted = stored.producerId().isPresent()
                && (stored.producerId().equals(ended)
                        || logs.isAborted(stored.producerId().getAsLong()).join());
        return aborted ? stored.again() : stored;
    }

    private Failure failureOf(Throwable cause) {
        if (cause instanceof EndedByOthersException found) {
            ended = OptionalLong.of(found.producerId());
        }
        // Not leading is retriable too: either the partitions are being claimed, or this feed is about to be stopped.
        boolean passes = cause instanceof RetriableException
                || (cause instanceof StoreException store && store.fate() != StoreException.Fate.REFUSED);
        return new Failure(passes, String.valueOf(cause.getMessage()), cause);
    }

    private void pump(Capture capture, Addressing addressing, Optional<Bookmark> from, Stragglers behind)
            throws CaptureException, InterruptedException {
        var appends = new ChangeAppends(
                settings.name(), from, encoder, sequences, behind, logs, shipped -> committed(capture, shipped));
        while (stopping.getCount() > 0 && !behind.areToBeginAgain(appends.isInTransaction(), appends.isInside())) {
            List<CaptureEvent> events = capture.poll(appends.isQuiet() && !retries.arePending() ? QUIET_POLL : POLL);
            appends.throwFailure();
            take(events, addressing, appends);
        }
        appends.finish();
    }

    /** Where the source cannot go on at one of the events, what is whole of those before is stored first. */
    private static void take(List<CaptureEvent> events, Addressing addressing, ChangeAppends appends)
            throws CaptureException, InterruptedException {
        List<Addressed> addressed = addressing.address(events);
        try {
            appends.take(addressed);
        } catch (CaptureException e) {
            if (!e.isTransient()) {
                appends.finish();
            }
            throw e;
        }
    }

    /** Runs on the store's thread, in order. */
    private void committed(Capture capture, ChangeAppends.Shipped shipped) {
        capture.keep(shipped.bookmark().kept());
        capture.stored(shipped.delivered());
        position = shipped.bookmark().withoutKeys().text();
        records.addAndGet(shipped.records());
    }

    private void enter(Phase phase, String reason) {
        status = new Status(phase, reason);
        if (phase != Phase.STARTING) {
            started.countDown();
        }
    }

    private boolean stopsWithin(Duration wait) {
        try {
            return stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private record Status(Phase phase, String reason) {}

    private record Failure(boolean passes, String reason, Throwable cause) {}
}
