package io.paillette.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.feed.FeedRules.Choice;
import io.paillette.broker.feed.FeedRules.Processing;
import io.paillette.broker.feed.FeedRules.RetryRule;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.catalog.SqlCondition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetriesTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // whatever the clock of a JVM begins with
    private final Retries retries = new Retries(now::get);

    @Test
    void pausesDoubleUpToTheLongestAndEndWithTheTime() {
        SequenceRule rule = rule(Optional.of(Duration.ofSeconds(2)), Duration.ofSeconds(1));
        assertThat(retries.failed(rule, place(1))).contains(Duration.ofMillis(300));
        assertThat(retries.due()).isEmpty();
        pass(Duration.ofMillis(300));
        assertThat(retries.due()).containsExactly("some");
        assertThat(retries.due()).as("told once").isEmpty();
        assertThat(retries.failed(rule, place(1))).contains(Duration.ofMillis(600));
        pass(Duration.ofMillis(600));
        assertThat(retries.failed(rule, place(1))).contains(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));
        assertThat(retries.areLeft(rule, place(1))).as("1.9 s").isTrue();
        pass(Duration.ofMillis(100));
        assertThat(retries.areLeft(rule, place(1))).as("2 s").isFalse();
        assertThat(retries.failed(rule, place(1))).isEmpty();
    }

    @Test
    void eachChangeHasItsOwnTime() {
        SequenceRule rule = rule(Optional.of(Duration.ofSeconds(1)), Duration.ofMinutes(1));
        assertThat(retries.failed(rule, place(1))).isPresent();
        pass(Duration.ofSeconds(1));
        assertThat(retries.areLeft(rule, place(1))).isFalse();
        assertThat(retries.failed(rule, place(2))).contains(Duration.ofMillis(300));
        assertThat(retries.areLeft(rule, place(2))).isTrue();
    }

    @Test
    void withoutATimeNothingIsTriedAgainAndWithoutAnEndForEver() {
        SequenceRule never = rule(Optional.of(Duration.ZERO), Duration.ofMinutes(1));
        assertThat(retries.areLeft(never, place(1))).isFalse();
        assertThat(retries.failed(never, place(1))).isEmpty();
        SequenceRule always = rule(Optional.empty(), Duration.ofMillis(1));
        assertThat(retries.failed(always, place(1))).contains(Duration.ofMillis(1));
        pass(Duration.ofDays(1000));
        assertThat(retries.areLeft(always, place(1))).isTrue();
        retries.forgetAllBut(Set.of());
        assertThat(retries.due()).isEmpty();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static Position place(int ordinal) {
        return Position.between(new Lsn(100), SnapshotProgress.DONE).inside(new Lsn(90), ordinal);
    }

    private static SequenceRule rule(Optional<Duration> timeout, Duration longest) {
        var processing = new Processing(
                new Choice(Optional.empty(), Optional.empty(), Optional.empty(), Map.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new RetryRule(timeout, longest));
        return new SequenceRule(
                "some",
                List.of(),
                "some",
                false,
                Set.of(),
                new SqlCondition("where", ""),
                SequenceShape.WHOLE,
                processing);
    }
}
