package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FencesTest {

    private final AtomicLong clock = new AtomicLong();
    private final Fences fences = new Fences(clock::get);

    @Test
    void aMemberIsStoppedUntilItIsToldWhereToGoOnAndOthersAreNot() {
        fences.raise("g", List.of("a", "b"));
        assertThat(fences.stops("g", "a")).isTrue();
        assertThat(fences.stops("g", "c")).isFalse();
        assertThat(fences.stops("h", "a")).isFalse();
        fences.pass("g", "a");
        assertThat(fences.stops("g", "a")).isFalse();
        assertThat(fences.stops("g", "b")).isTrue();
        fences.lift("g", List.of("a", "b"));
        assertThat(fences.stops("g", "b")).isFalse();
    }

    @Test
    void whoNeverAsksIsStoppedForAWhile() {
        fences.raise("g", List.of("a"));
        clock.set(Fences.LONGEST_MILLIS);
        assertThat(fences.stops("g", "a")).isTrue();
        clock.set(Fences.LONGEST_MILLIS + 1);
        assertThat(fences.stops("g", "a")).isFalse();
    }

    @Test
    void ofVeryManyTheOldestAreForgotten() {
        fences.raise("g", List.of("first"));
        for (int i = 0; i < 10_000; i++) {
            fences.raise("g", List.of("later " + i));
        }
        assertThat(fences.stops("g", "first")).isFalse();
        assertThat(fences.stops("g", "later 9999")).isTrue();
    }
}
