package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.RetryRule;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * When sequences that have stopped are tried again: after pauses that double, from the first failure at a place on for as long as
 * their options say. The options are Connect's, {@code errors.retry.timeout} and {@code errors.retry.delay.max.ms} (KIP-298). Outlives
 * faults that pass, but not the broker, which tries all of them when it starts. For one thread.
 */
final class Retries {

    /** As Connect begins, too. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(300);

    private final LongSupplier nanos;
    private final Map<String, Failing> failing = new HashMap<>(); // by name of the sequence

    /** A change; the end of its position says nothing of it. */
    private record Place(Lsn commit, long ordinal) {
        static Place of(Position position) {
            return new Place(position.commit(), position.ordinal());
        }
    }

    /**
     * @param since when it failed there first
     * @param pause before the next try; doubles
     * @param next  when that is; empty: it has begun, or there is none
     */
    private record Failing(Place place, long since, Duration pause, Optional<Long> next) {}

    /** @param nanos as {@link System#nanoTime} */
    Retries(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Whether a failure is no last word.
     *
     * @param told up to where the sequence is told, which is the event before the one that fails
     */
    boolean areLeft(SequenceRule rule, Position told) {
        RetryRule retry = rule.processing().retry();
        Optional<Failing> known = known(rule, Place.of(told));
        if (known.isEmpty()) {
            return !retry.timeout().equals(Optional.of(Duration.ZERO));
        }
        Duration passed = Duration.ofNanos(nanos.getAsLong() - known.get().since());
        return retry.timeout().map(timeout -> passed.compareTo(timeout) < 0).orElse(true);
    }

    private Optional<Failing> known(SequenceRule rule, Place place) {
        return Optional.ofNullable(failing.get(rule.name()))
                .filter(one -> one.place().equals(place));
    }

    /** @return how long until it is tried again; empty: it is not */
    Optional<Duration> failed(SequenceRule rule, Position told) {
        if (!areLeft(rule, told)) {
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        Place place = Place.of(told);
        Optional<Failing> known = known(rule, place);
        Duration longest = rule.processing().retry().longestPause();
        Duration wanted = known.map(one -> one.pause().multipliedBy(2)).orElse(FIRST_PAUSE);
        Duration pause = wanted.compareTo(longest) < 0 ? wanted : longest;
        long since = known.map(Failing::since).orElse(now);
        failing.put(rule.name(), new Failing(place, since, pause, Optional.of(now + pause.toNanos())));
        return Optional.of(pause);
    }

    /** The names of those whose next try is due; each is told once. */
    Set<String> due() {
        if (failing.isEmpty()) {
            return Set.of();
        }
        long now = nanos.getAsLong();
        Set<String> due = new HashSet<>();
        failing.replaceAll((name, one) -> {
            if (one.next().isEmpty() || one.next().get() - now > 0) {
                return one;
            }
            due.add(name);
            return new Failing(one.place(), one.since(), one.pause(), Optional.empty());
        });
        return due;
    }

    /** Some are to be tried again by and by. */
    boolean arePending() {
        return failing.values().stream().anyMatch(one -> one.next().isPresent());
    }

    /** It is to be tried again by and by. */
    boolean isPending(String sequence) {
        return Optional.ofNullable(failing.get(sequence))
                .filter(one -> one.next().isPresent())
                .isPresent();
    }

    /** Of all others nothing is to be remembered: they are told with the others again, or are no more. */
    void forgetAllBut(Collection<String> names) {
        failing.keySet().retainAll(names);
    }
}
