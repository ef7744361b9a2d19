package io.paillette.broker.rewind;

import io.paillette.broker.feed.RefusedException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;

/** Partitions of a topic, by their numbers, as a consumer with {@code isolation.level=read_committed} finds them. */
public interface TopicReader {

    /** Where each begins. */
    Map<Integer, Long> first() throws RefusedException;

    /** Where each ends. */
    Map<Integer, Long> end() throws RefusedException;

    /** The first record of each whose time is that or later; a partition without one is not in it. */
    Map<Integer, Long> at(Instant time) throws RefusedException;

    /**
     * Reads from one offset of each to another; of each partition in order.
     *
     * @param to   exclusive
     * @param done partitions of which no more is wanted, as {@code each} finds out
     */
    void read(Map<Integer, Long> from, Map<Integer, Long> to, Collection<Integer> done, Consumer<TopicRecord> each)
            throws RefusedException;
}
