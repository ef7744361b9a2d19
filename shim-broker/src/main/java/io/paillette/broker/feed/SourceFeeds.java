package io.paillette.broker.feed;

import io.paillette.broker.feed.DefinitionReader.Reading;
import io.paillette.broker.log.Logs;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.topic.Topics;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The feeds of the sources that this broker leads, out of those that its configuration knows. The others stand by: another
 * broker feeds them. One thread, {@code paillette-feeds}, starts and stops them.
 */
public final class SourceFeeds implements AutoCloseable {

    private static final Duration LONGEST_STOP = Duration.ofSeconds(40);

    private volatile Rules rules;
    private volatile Set<String> wanted = Set.of();
    private final Map<String, SourceFeed> feeds = new ConcurrentHashMap<>();
    private final Topics topics;
    private final Logs logs;
    private final SequenceHold sequences;
    private final Plugins plugins;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "paillette-feeds"));

    private SourceFeeds(Rules rules, Topics topics, Logs logs, SequenceStore sequences, Plugins plugins) {
        this.plugins = plugins;
        this.rules = rules;
        this.topics = topics;
        this.logs = logs;
        this.sequences = new SequenceHold(sequences, topics);
    }

    /** Follows what the broker leads from now on. */
    public static SourceFeeds follow(
            Reading reading, Topics topics, Logs logs, SequenceStore sequences, Plugins plugins) {
        var feeds = new SourceFeeds(Rules.of(reading), topics, logs, sequences, plugins);
        logs.onSources(feeds::led);
        return feeds;
    }

    /** Told by the log. */
    private void led(Set<String> sources) {
        if (!thread.isShutdown()) {
            thread.execute(() -> feed(sources));
        }
    }

    /**
     * Sequences have been made, changed or removed. A source that is fed here by other ones is stopped, when what was encoded is
     * stored, and goes on from there with these; the others go on as they are.
     */
    void redefine(Reading reading) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                rules = Rules.of(reading);
                feed(wanted);
            });
        }
    }

    /** Stops the feed of a source that is fed here, and lets it go on from where it is: sequences that have stopped are tried again. */
    void again(String source) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                SourceFeed before = feeds.get(source);
                if (before != null) {
                    before.close(); // this broker goes on leading it
                    feeds.remove(source);
                    feed(wanted);
                }
            });
        }
    }

    private void feed(Set<String> sources) {
        wanted = sources;
        Rules now = rules;
        for (String source : List.copyOf(feeds.keySet())) {
            if (!sources.contains(source) || now.refused().containsKey(source)) {
                stop(source);
            }
        }
        now.bySource().forEach((source, rule) -> {
            SourceFeed before = feeds.get(source);
            if (!sources.contains(source) || (before != null && before.goesBy(rule))) {
                return;
            }
            if (before != null) {
                before.close(); // this broker goes on leading it
            }
            var feed = new SourceFeed(rule, topics, logs, plugins, sequences);
            feeds.put(source, feed);
            feed.start();
        });
    }

    private void stop(String source) {
        SourceFeed feed = feeds.get(source);
        if (feed != null) {
            feed.close();
            feeds.remove(source);
            logs.releaseFeed(source);
        }
    }

    /** Waits until each source that is fed here runs or is known not to, at most {@code limit} for each. */
    public List<FeedState> awaitStart(Duration limit) throws InterruptedException {
        var states = new ArrayList<FeedState>();
        CompletableFuture.runAsync(() -> {}, thread).join(); // what was asked for is started
        for (SourceFeed feed : feeds.values()) {
            states.add(feed.awaitStart(limit));
        }
        return states;
    }

    /** What transformations of all sources are loaded from. */
    Plugins plugins() {
        return plugins;
    }

    /** Nobody feeds it, and this broker is the one that would. */
    boolean leadsUnfed(String source) {
        return wanted.contains(source)
                && !rules.bySource().containsKey(source)
                && !rules.refused().containsKey(source);
    }

    /** That this broker feeds. */
    Set<String> sources() {
        return Set.copyOf(feeds.keySet());
    }

    /** See {@link SourceFeed#backfill}; empty also when another broker feeds the source. */
    Optional<List<BackfillProgress>> backfill(String source, List<Backfill> asked) {
        return Optional.ofNullable(feeds.get(source)).flatMap(feed -> feed.backfill(asked));
    }

    /** Changes that functions and transformations have left out, by sequence. */
    public Map<String, Double> dropped() {
        return byFeed(SequenceCounts::allDropped);
    }

    /** Changes that went to dead letter topics, by sequence. */
    public Map<String, Double> deadLetters() {
        return byFeed(SequenceCounts::allDeadLetters);
    }

    private Map<String, Double> byFeed(Function<SequenceCounts, Map<String, Double>> counts) {
        var all = new TreeMap<String, Double>();
        feeds.values().forEach(feed -> all.putAll(counts.apply(feed.counts())));
        return all;
    }

    /** Of every source of the configuration. */
    public List<FeedState> states() {
        Rules now = rules;
        var states = new ArrayList<FeedState>();
        now.refused().forEach((source, reason) -> states.add(FeedState.refused(source, reason)));
        for (String source : now.bySource().keySet()) {
            SourceFeed feed = feeds.get(source);
            states.add(feed == null ? FeedState.standby(source) : feed.state());
        }
        return states;
    }

    /** In the order of their names, for people. */
    private record Rules(Map<String, FeedRules> bySource, Map<String, String> refused) {

        static Rules of(Reading reading) {
            return new Rules(new TreeMap<>(reading.rules()), new TreeMap<>(reading.refused()));
        }
    }

    @Override
    public void close() {
        thread.execute(() -> List.copyOf(feeds.keySet()).forEach(this::stop));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("a source is still storing; what it did not store is read again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
