package io.paillette.broker.feed;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of changes that are no records of their sequences, by sequence, since the feed began. Read from any thread. */
final class SequenceCounts {

    private final Map<String, LongAdder> dropped = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> deadLetters = new ConcurrentHashMap<>();

    void dropped(String sequence) {
        dropped.computeIfAbsent(sequence, name -> new LongAdder()).increment();
    }

    void deadLetter(String sequence) {
        deadLetters.computeIfAbsent(sequence, name -> new LongAdder()).increment();
    }

    Map<String, Double> allDropped() {
        return sums(dropped);
    }

    Map<String, Double> allDeadLetters() {
        return sums(deadLetters);
    }

    private static Map<String, Double> sums(Map<String, LongAdder> counts) {
        var sums = new TreeMap<String, Double>();
        counts.forEach((sequence, count) -> sums.put(sequence, count.doubleValue()));
        return sums;
    }
}
