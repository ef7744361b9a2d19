package io.paillette.broker.feed;

import io.paillette.broker.feed.DefinitionReader.Reading;
import io.paillette.broker.feed.FeedState.Phase;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceDefinition.Removal;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sequences of the store's brokers: those of this one's file, and those that were made on a running broker, which can be
 * changed and removed. What is wrong is refused before anything is stored; what is stored is fed by whichever broker leads the
 * source, within seconds. From any thread; calls block.
 */
public final class Sequences {

    private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);
    private static final int TRIES = 5;

    private final DefinitionReader reader;
    private final SequenceStore store;
    private final SequenceNames names;
    private final SourceFeeds feeds;
    private final Topics topics;
    private final int partitions;
    private final SequenceCheck check;
    private Map<String, Long> shown;

    /**
     * @param shown      versions of those that {@code names} and {@code feeds} know
     * @param partitions of a topic that does not say how many
     */
    public Sequences(
            DefinitionReader reader,
            SequenceStore store,
            SequenceNames names,
            SourceFeeds feeds,
            Topics topics,
            int partitions,
            Map<String, Long> shown) {
        this.reader = reader;
        this.store = store;
        this.names = names;
        this.feeds = feeds;
        this.topics = topics;
        this.partitions = partitions;
        this.check = new SequenceCheck(reader, topics, feeds.plugins());
        this.shown = Map.copyOf(shown);
    }

    /** Whether others have changed something; what they have is shown then. */
    synchronized boolean look() {
        if (store.versions().equals(shown)) {
            return false;
        }
        show();
        return true;
    }

    private synchronized void show() {
        List<SequenceDefinition> made = store.all();
        feeds.redefine(know(made));
        // Those that are removed are looked at again until they are gone.
        shown = versions(made.stream().filter(SequenceDefinition::isActive).toList());
        made.stream()
                .filter(one -> !one.isActive() && feeds.leadsUnfed(one.source()))
                .forEach(this::letGo);
    }

    private synchronized Reading know(List<SequenceDefinition> made) {
        Reading reading =
                reader.all(made.stream().filter(SequenceDefinition::isActive).toList());
        names.know(reading.topics());
        return reading;
    }

    private void letGo(SequenceDefinition removed) {
        try {
            new SequenceHold(store, topics).letGo(removed);
        } catch (CompletionException e) {
            LOG.warn(
                    "topic {} of sequence {}, which is removed, is not deleted yet",
                    removed.topic(),
                    removed.name(),
                    e);
        }
    }

    /** All, by name. */
    public List<SequenceDefinition> all() {
        var all = new ArrayList<>(reader.written());
        all.addAll(store.all());
        all.sort(Comparator.comparing(SequenceDefinition::name));
        return all;
    }

    public Optional<SequenceDefinition> find(String name) {
        return all().stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** What each reads, as it is defined now. */
    public SequenceReaders readers() {
        List<SequenceDefinition> made = store.all();
        return new SequenceReaders(
                reader.all(made.stream().filter(SequenceDefinition::isActive).toList()));
    }

    /** As the properties file of a broker elsewhere would have it. */
    public String text(SequenceDefinition sequence) {
        return new SequenceExport(reader, names, topics, partitions).text(sequence);
    }

    /**
     * The key that records of a row have in a topic: of the one row that meets a condition now, as the source says.
     *
     * @param table whose row it is; empty where the topic tells one alone
     */
    public byte[] rowKey(Topic topic, Optional<String> table, String condition) throws RefusedException {
        String source = topic.source()
                .orElseThrow(() -> new RefusedException(
                        Why.INVALID,
                        "topic " + topic.name() + " is written by producers and tells no rows of a table: give a key"));
        Reading reading = reader.all(
                store.all().stream().filter(SequenceDefinition::isActive).toList());
        FeedRules rules = reading.rules().get(source);
        if (rules == null) {
            throw new RefusedException(
                    Why.CONFLICT,
                    reading.refused()
                            .getOrDefault(
                                    source,
                                    "this broker has no source " + source + ", of which topic " + topic.name()
                                            + " is"));
        }
        return new RowKeys(rules, topic.name()).of(table, condition);
    }

    /** Names of this broker's sources. */
    public List<String> sources() {
        return feeds.states().stream().map(FeedState::source).toList();
    }

    /** How its source is fed, as this broker knows it; empty where its configuration has no such source. */
    public Optional<FeedState> feed(SequenceDefinition sequence) {
        return feeds.states().stream()
                .filter(state -> state.source().equals(sequence.source()))
                .findFirst();
    }

    /** Why it has stopped, and where it is; empty while it is where its source is. */
    public Optional<StoppedSequence> stopped(SequenceDefinition sequence) {
        return feed(sequence).flatMap(state -> state.stopped().stream()
                .filter(one -> one.name().equals(sequence.name()))
                .findFirst());
    }

    /**
     * Has one that stopped told what it missed, if it can tell it now, and a source that failed go on. Nothing happens to one that
     * goes on.
     */
    public void resume(String name) throws RefusedException {
        SequenceDefinition sequence =
                find(name).orElseThrow(() -> new RefusedException(Why.UNKNOWN, "there is no sequence " + name));
        Optional<FeedState> refused = feed(sequence).filter(feed -> feed.phase() == Phase.FAILED);
        if (refused.isPresent() && !feeds.sources().contains(sequence.source())) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "source " + sequence.source() + " is not fed: "
                            + refused.get().reason());
        }
        if (!feeds.sources().contains(sequence.source())) {
            throw new RefusedException(
                    Why.CONFLICT, "source " + sequence.source() + " is fed by another broker: ask that one");
        }
        boolean failed = feed(sequence).map(FeedState::phase).orElse(Phase.STANDBY) == Phase.FAILED;
        boolean stopped =
                stopped(sequence).filter(one -> !one.reason().isEmpty()).isPresent();
        if (failed || stopped) {
            feeds.again(sequence.source());
        }
    }

    /** How it is, in a word of {@link FeedState.Phase}, CHANGING or REMOVING while its feed goes by an earlier definition, STOPPED or CATCHING_UP where it is behind its source. */
    public String state(SequenceDefinition sequence) {
        if (!sequence.isActive()) {
            return "REMOVING";
        }
        Phase phase = feed(sequence).map(FeedState::phase).orElse(Phase.STANDBY);
        boolean held = sequence.made().map(SequenceDefinition.Made::isHeld).orElse(true);
        if (phase == Phase.FAILED || phase == Phase.RETRYING) {
            return phase.name();
        }
        if (!held) {
            return "CHANGING";
        }
        return stopped(sequence)
                .map(one -> one.reason().isEmpty() ? "CATCHING_UP" : "STOPPED")
                .orElse(phase.name());
    }

    /** @throws RefusedException as {@link #put} would, which changes nothing */
    public void validate(String name, Map<String, String> properties) throws RefusedException {
        requireNotWritten(name);
        check.check(name, properties, store.all());
    }

    /**
     * Makes a sequence, or changes it; its topic is there when this returns. Done already where it is defined so.
     *
     * @param who asks, for people
     * @return whether there was none
     */
    public boolean put(String name, Map<String, String> properties, String who) throws RefusedException {
        requireNotWritten(name);
        for (int i = 0; i < TRIES; i++) {
            List<SequenceDefinition> made = store.all();
            SequenceDefinition wanted = check.check(name, properties, made);
            Optional<SequenceDefinition> before = active(name, made);
            boolean same = before.filter(one -> one.properties().equals(wanted.properties()))
                    .isPresent();
            if (same || store.save(wanted, who, versions(made))) {
                try {
                    makeTopics(wanted);
                } finally {
                    show();
                }
                return before.isEmpty();
            }
        }
        throw busy();
    }

    /** Its topic stays as it is, for those that read it, unless it is to be deleted as well. */
    public void remove(String name, Removal removal, String who) throws RefusedException {
        requireNotWritten(name);
        for (int i = 0; i < TRIES; i++) {
            List<SequenceDefinition> made = store.all();
            SequenceDefinition sequence = active(name, made)
                    .orElseThrow(() -> new RefusedException(Why.UNKNOWN, "there is no sequence " + name));
            if (removal == Removal.DELETE_TOPIC) {
                requireOwnTopic(sequence, made);
            }
            switch (store.remove(name, removal, who, versions(made))) {
                case OTHERS_CHANGED -> {
                    continue;
                }
                case MARKED -> {}
                case GONE -> {
                    if (removal == Removal.DELETE_TOPIC) {
                        delete(sequence.topic());
                    }
                }
            }
            show();
            return;
        }
        throw busy();
    }

    private void requireNotWritten(String name) throws RefusedException {
        if (reader.written().stream().anyMatch(one -> one.name().equals(name))) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "sequence " + name
                            + " stands in the broker's properties file: change it there, and start the broker again");
        }
    }

    private void requireOwnTopic(SequenceDefinition sequence, List<SequenceDefinition> made) throws RefusedException {
        var others = new ArrayList<>(reader.written());
        others.addAll(made);
        for (SequenceDefinition other : others) {
            if (other.isActive()
                    && !other.name().equals(sequence.name())
                    && other.topic().equals(sequence.topic())) {
                throw new RefusedException(
                        Why.CONFLICT,
                        "topic " + sequence.topic() + " is that of sequence " + other.name()
                                + " as well: remove this one without its topic");
            }
        }
    }

    private static Optional<SequenceDefinition> active(String name, List<SequenceDefinition> made) {
        return made.stream()
                .filter(one -> one.isActive() && one.name().equals(name))
                .findFirst();
    }

    private static Map<String, Long> versions(List<SequenceDefinition> made) {
        return made.stream().collect(Collectors.toMap(SequenceDefinition::name, one -> one.made()
                .orElseThrow()
                .version()));
    }

    /** Before a feed notes from which offsets it holds, and before anybody makes ordinary topics of these names. */
    private void makeTopics(SequenceDefinition sequence) throws RefusedException {
        var unused = know(store.all());
        make(sequence.topic(), sequence.source());
        Optional<String> letters = reader.deadLetters(sequence);
        if (letters.isPresent()) {
            make(letters.get(), sequence.source());
        }
    }

    private void make(String topic, String source) throws RefusedException {
        if (topics.find(topic).isPresent()) {
            return;
        }
        try {
            topics.create(new NewTopic(topic, partitions, Optional.of(source), Map.of()))
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw refusal("the sequence is stored, but its topic is not made", e);
            }
        }
    }

    private void delete(String topic) throws RefusedException {
        try {
            topics.delete(topic).join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw refusal("the sequence is removed, but its topic is not deleted", e);
            }
        }
    }

    private static RefusedException refusal(String what, CompletionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        boolean passes = cause instanceof RetriableException || cause instanceof StoreException;
        if (!passes && !(cause instanceof ApiException)) {
            throw e;
        }
        return new RefusedException(passes ? Why.UNAVAILABLE : Why.CONFLICT, what + ": " + cause.getMessage(), e);
    }

    private static RefusedException busy() {
        return new RefusedException(Why.UNAVAILABLE, "others change sequences at the same time; ask again");
    }
}
