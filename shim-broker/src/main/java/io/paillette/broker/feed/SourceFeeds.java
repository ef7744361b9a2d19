package io.paillette.broker.feed;

import io.paillette.broker.log.Logs;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.topic.Topics;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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

    private final Map<String, FeedRules> rules = new TreeMap<>();
    private final Map<String, SourceFeed> feeds = new ConcurrentHashMap<>();
    private final Topics topics;
    private final Logs logs;
    private final Plugins plugins;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "paillette-feeds"));

    private SourceFeeds(Collection<FeedRules> rules, Topics topics, Logs logs, Plugins plugins) {
        this.plugins = plugins;
        rules.forEach(rule -> this.rules.put(rule.capture().name(), rule));
        this.topics = topics;
        this.logs = logs;
    }

    /** Follows what the broker leads from now on. */
    public static SourceFeeds follow(Collection<FeedRules> rules, Topics topics, Logs logs, Plugins plugins) {
        var feeds = new SourceFeeds(rules, topics, logs, plugins);
        logs.onSources(feeds::led);
        return feeds;
    }

    /** Told by the log. */
    private void led(Set<String> sources) {
        if (!thread.isShutdown()) {
            thread.execute(() -> feed(sources));
        }
    }

    private void feed(Set<String> sources) {
        for (String source : List.copyOf(feeds.keySet())) {
            if (!sources.contains(source)) {
                stop(source);
            }
        }
        rules.forEach((source, rule) -> {
            if (sources.contains(source) && !feeds.containsKey(source)) {
                var feed = new SourceFeed(rule, topics, logs, plugins);
                feeds.put(source, feed);
                feed.start();
            }
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
        return rules.keySet().stream()
                .map(source -> {
                    SourceFeed feed = feeds.get(source);
                    return feed == null ? FeedState.standby(source) : feed.state();
                })
                .toList();
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
