package io.paillette.broker.topic;

import io.paillette.broker.store.StoreException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's view of all topics: an immutable {@link Picture} replaced at each change, so reads never wait. Changes go to the
 * store first and complete once they are committed <em>and</em> visible here and in {@code Logs}. Refusals fail the future
 * with Kafka's own {@code ApiException}s (TopicExistsException, InvalidTopicException, InvalidConfigurationException,
 * InvalidPartitionsException, UnknownTopicOrPartitionException, ...).
 */
public final class Topics implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
    private static final int WAITING_CHANGES = 10_000;
    private static final long NOTHING_WANTED = -1;

    private final TopicStore store;
    private final PartitionLeader leader;
    private final TopicRules rules;
    private final SequenceDefinitions sequences;
    private final AtomicLong wantedRevision = new AtomicLong(NOTHING_WANTED);
    private long shownRevision; // of the thread that owns the picture
    private final ThreadPoolExecutor changes = new ThreadPoolExecutor(
            1, 1, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_CHANGES), Topics::thread);
    private final List<Consumer<TopicChange>> listeners = new CopyOnWriteArrayList<>();
    private volatile Picture picture = Picture.EMPTY;

    private Topics(TopicStore store, PartitionLeader leader, TopicRules rules, SequenceDefinitions sequences) {
        this.store = store;
        this.leader = leader;
        this.rules = rules;
        this.sequences = sequences;
        changes.allowCoreThreadTimeOut(true);
    }

    /** As the other, on a broker without sources. */
    public static Topics open(TopicStore store, PartitionLeader leader, Map<String, String> topicDefaults) {
        return open(store, leader, topicDefaults, new SequenceDefinitions.None());
    }

    /**
     * Loads all topics and has their partitions led; blocks until that is done.
     *
     * @param topicDefaults topic configs (Kafka's names) where the broker's default differs from Kafka's
     */
    public static Topics open(
            TopicStore store,
            PartitionLeader leader,
            Map<String, String> topicDefaults,
            SequenceDefinitions sequences) {
        var topics = new Topics(store, leader, new TopicRules(topicDefaults), sequences);
        List<Topic> all = store.all();
        leader.settle(all);
        topics.picture = Picture.of(all);
        return topics;
    }

    public Optional<Topic> find(String name) {
        return Optional.ofNullable(picture.byName().get(name));
    }

    public Optional<Topic> find(Uuid id) {
        return Optional.ofNullable(picture.byId().get(id));
    }

    public Collection<Topic> all() {
        return picture.all();
    }

    /** Whether only the newest record of each key is kept, and none without a key: by its own configs, or by default. */
    public boolean isCompacted(Topic topic) {
        return rules.config(topic, TopicConfig.CLEANUP_POLICY_CONFIG).contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    /** The topic as it is made when that is asked for: a sequence is made as it is defined. */
    public NewTopic defined(NewTopic asked) {
        return sequences.defined(asked);
    }

    public CompletableFuture<Topic> create(NewTopic asked) {
        NewTopic topic = defined(asked);
        return change(() -> {
                    validate(topic);
                    var created = new Topic(
                            topic.name(), Uuid.randomUuid(), topic.partitions(), source(topic), topic.configs());
                    if (!store.create(created)) {
                        load(); // another broker was faster, or our own creation was committed unheard
                        throw exists(topic.name());
                    }
                    leader.lead(List.of(created));
                    show(picture.with(created), present(created));
                    return created;
                })
                .thenCompose(made -> leader.led(made).thenApply(led -> made));
    }

    /** Refuses what {@link #create} would refuse, without creating (CreateTopics validate_only). */
    public void validate(NewTopic topic) {
        if (picture.byName().containsKey(topic.name())) {
            throw exists(topic.name());
        }
        rules.check(topic, picture);
    }

    public CompletableFuture<Void> delete(String name) {
        return change(() -> {
            Topic topic = existing(name);
            store.delete(topic.id());
            show(picture.without(topic), new TopicChange(List.of(topic), List.of()));
            leader.drop(topic);
            return null;
        });
    }

    /**
     * Raises the number of partitions to {@code total}.
     *
     * @param validateOnly refuses what would be refused, and changes nothing
     */
    public CompletableFuture<Topic> addPartitions(String name, int total, boolean validateOnly) {
        return change(() -> {
                    Topic topic = existing(name);
                    if (total <= topic.partitions()) {
                        throw new InvalidPartitionsException("Topic '" + name + "' has " + topic.partitions()
                                + " partitions; " + total + " is not more");
                    }
                    rules.checkPartitions(total);
                    if (validateOnly) {
                        return topic;
                    }
                    store.addPartitions(topic.id(), total);
                    Topic raised = topic.withPartitions(total);
                    leader.lead(List.of(raised));
                    show(picture.with(raised), present(raised));
                    return raised;
                })
                .thenCompose(raised -> leader.led(raised).thenApply(led -> raised));
    }

    /**
     * Sets (present) or resets (empty) configs; the others stay.
     *
     * @param wanted       from the topic as it is when its turn has come, so that no other change is lost
     * @param validateOnly refuses what would be refused, and changes nothing
     */
    public CompletableFuture<Topic> alterConfigs(
            String name, boolean validateOnly, Function<Topic, Map<String, Optional<String>>> wanted) {
        return change(() -> {
            Topic topic = existing(name);
            Map<String, Optional<String>> changes = wanted.apply(topic);
            var configs = new HashMap<>(topic.configs());
            changes.forEach((key, value) -> value.ifPresentOrElse(v -> configs.put(key, v), () -> configs.remove(key)));
            rules.checkConfigs(topic.configs(), configs);
            if (validateOnly) {
                return topic;
            }
            store.alterConfigs(topic.id(), changes);
            Topic altered = topic.withConfigs(configs);
            leader.lead(List.of(altered));
            show(picture.with(altered), present(altered));
            return altered;
        });
    }

    /**
     * Brokers or leaders have changed, and topics too when {@code topicsRevision} is not the one that was seen last. Returns
     * at once; what comes while it waits to be acted on is acted on together.
     */
    public CompletableFuture<Void> follow(long topicsRevision) {
        if (wantedRevision.getAndSet(topicsRevision) == NOTHING_WANTED) {
            return change(() -> {
                long wanted = wantedRevision.getAndSet(NOTHING_WANTED);
                if (wanted != shownRevision) {
                    load();
                    shownRevision = wanted;
                }
                leader.settle(all());
                return null;
            });
        }
        return change(() -> null); // behind the one that is queued
    }

    /** Done when what other brokers have changed up to now is seen here: for whoever was asked about a topic it does not know. */
    public CompletableFuture<Void> catchUp() {
        return change(() -> {
            long newest = store.revision();
            if (newest != shownRevision) {
                load();
                shownRevision = newest;
            }
            return null;
        });
    }

    /** What other brokers have done to topics is shown here. */
    private void load() {
        Picture now = Picture.of(store.all());
        TopicChange change = now.since(picture);
        if (!change.isNone()) {
            leader.lead(change.present());
            show(now, change);
            change.gone().forEach(leader::drop);
        }
    }

    /** The source whose sequence a topic of that name would be. */
    public Optional<String> sourceOf(String name) {
        return sequences.sourceOf(name);
    }

    /** What is fed already is known by its source, also where its sequence is about to be removed. */
    private Optional<String> source(NewTopic topic) {
        return sourceOf(topic.name()).or(topic::source);
    }

    /** Calls back, in order, with each change; at registration with all that is there. */
    public void onChange(Consumer<TopicChange> listener) {
        CompletableFuture<Void> told = change(() -> {
            listeners.add(listener);
            listener.accept(new TopicChange(List.of(), all()));
            return null;
        });
        told.join();
    }

    @Override
    public void close() {
        changes.shutdown();
    }

    /** One change after the other, on the thread that owns the picture. */
    private <T> CompletableFuture<T> change(Callable<T> change) {
        var done = new CompletableFuture<T>();
        try {
            changes.execute(() -> run(change, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new NotControllerException("too many topic changes wait for the store; try again", e));
        }
        return done;
    }

    private static <T> void run(Callable<T> change, CompletableFuture<T> done) {
        try {
            done.complete(change.call());
        } catch (ApiException e) {
            done.completeExceptionally(e);
        } catch (StoreException e) {
            LOG.warn("a topic change failed: {}", e.getMessage());
            done.completeExceptionally(refusal(e));
        } catch (Exception e) { // the thread's root
            LOG.error("a topic change failed", e);
            done.completeExceptionally(e);
        }
    }

    /**
     * Of the errors an answer to a topic change may have, NOT_CONTROLLER is the one on which every admin client asks again,
     * until its own time-out.
     */
    private static ApiException refusal(StoreException e) {
        return e.fate() == StoreException.Fate.REFUSED
                ? new KafkaStorageException(e.getMessage(), e)
                : new NotControllerException(e.getMessage(), e);
    }

    private void show(Picture next, TopicChange change) {
        picture = next;
        listeners.forEach(listener -> listener.accept(change));
    }

    private static TopicChange present(Topic topic) {
        return new TopicChange(List.of(), List.of(topic));
    }

    private Topic existing(String name) {
        return find(name)
                .orElseThrow(() -> new UnknownTopicOrPartitionException("Topic '" + name + "' does not exist."));
    }

    private static TopicExistsException exists(String name) {
        return new TopicExistsException("Topic '" + name + "' already exists.");
    }

    private static Thread thread(Runnable task) {
        var thread = new Thread(task, "paillette-topics");
        thread.setDaemon(true);
        return thread;
    }
}
