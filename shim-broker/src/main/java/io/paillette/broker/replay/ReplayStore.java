package io.paillette.broker.replay;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.job.Times;
import io.paillette.broker.job.Wish;
import io.paillette.broker.store.StoreException;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Keeps the replays that are asked for. Every call may block and throw {@link StoreException}. */
public interface ReplayStore {

    /**
     * Looks at the condition as Postgres does.
     *
     * @return its number
     * @throws RefusedException when the condition is none, a topic is not there, or it cannot be done
     */
    long ask(Wanted wanted) throws RefusedException;

    /** @throws RefusedException when there is none of that number, or it has ended */
    void wish(long id, Wish wish) throws RefusedException;

    /** All, the newest first, at most {@code limit}. */
    List<KnownReplay> newest(int limit);

    Optional<KnownReplay> find(long id);

    List<KnownShare> shares(long id);

    /** What is left to do of the partitions that a broker leads. */
    List<Share> underWay(int brokerId);

    /** Ends those that are done, and those whose topics are gone. Says how many are under way. */
    long settle();

    void begin(long id);

    /** Where it begins is known now. */
    void locate(Share share, long offset);

    /**
     * Those of the records that meet a condition, by their place in the list, ascending.
     *
     * @throws ConditionException when Postgres cannot say it
     */
    List<Integer> matching(String condition, TopicPartition partition, List<StoredRecord> records)
            throws ConditionException;

    /** Whether what was published last of a partition is in the log. */
    boolean isMoved(Share share);

    /** Publishes and moves on, in one transaction or not at all: false where it is not running, or somebody else has moved on. */
    boolean advance(Share share, Step step);

    /** It cannot go on. */
    void fail(long id, String fault);

    /** As {@code paillette.replay} takes it; what is null or empty has its default. */
    record Wanted(
            String topic, String condition, String to, String from, @Nullable Integer partition, String headersJson) {}

    /**
     * From one offset to another.
     *
     * @param looked how many records were looked at
     * @param gone   how many offsets were there no more
     */
    record Step(long from, long next, long looked, long gone, List<ReplayedRecord> published) {

        public Step {
            published = List.copyOf(published);
        }
    }

    /** One as people see it. */
    record KnownReplay(long id, Wanted wanted, String state, String fault, Progress progress, Times times) {}

    /** @param offsets that are done, of {@code allOffsets} */
    record Progress(long offsets, long allOffsets, long records, long published, long gone) {}

    /** A partition of one. */
    record KnownShare(int partition, long first, long next, long end, long records, long published, long gone) {}
}
