package io.paillette.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestNameTest {

    private static final List<String> NAMES = List.of("listeners", "advertised.listeners", "data.dir", "store.url");

    @Test
    void aSlipOfTheFingersFindsTheName() {
        assertThat(NearestName.of("listners", NAMES)).hasValue("listeners");
        assertThat(NearestName.of("data.dri", NAMES)).hasValue("data.dir");
        assertThat(NearestName.of("advertized.listener", NAMES)).hasValue("advertised.listeners");
    }

    @Test
    void aStrangerFindsNone() {
        assertThat(NearestName.of("zookeeper.connect", NAMES)).isEmpty();
    }

    @Test
    void neighboursSwappedCountOnce() {
        assertThat(NearestName.distance("url", "ulr")).isEqualTo(1);
        assertThat(NearestName.distance("", "abc")).isEqualTo(3);
    }
}
