package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.topic.Topic;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class LogConfigsTest {

    private final LogConfigs configs = new LogConfigs(Map.of("retention.ms", "5000"));

    @Test
    void topicsThatAreConfiguredAlikeShareOneObject() {
        assertThat(configs.of(topic(Map.of()))).isSameAs(configs.of(topic(Map.of())));
        assertThat(configs.of(topic(Map.of("retention.ms", "1"))))
                .isSameAs(configs.of(topic(Map.of("retention.ms", "1"))))
                .isNotSameAs(configs.of(topic(Map.of())));
    }

    @Test
    void whatATopicDoesNotSayTheBrokerSays() {
        assertThat(configs.of(topic(Map.of())).retentionMs).isEqualTo(5000);
        assertThat(configs.of(topic(Map.of("retention.ms", "1"))).retentionMs).isEqualTo(1);
    }

    @Test
    void topicsThatAllDifferAreNotAllRemembered() {
        var first = configs.of(topic(Map.of("retention.ms", "0")));
        for (int i = 1; i <= 2000; i++) {
            configs.of(topic(Map.of("retention.ms", String.valueOf(i))));
        }
        assertThat(configs.of(topic(Map.of("retention.ms", "0")))).isNotSameAs(first);
    }

    private static Topic topic(Map<String, String> configs) {
        return new Topic("t", Uuid.randomUuid(), 1, Optional.empty(), configs);
    }
}
