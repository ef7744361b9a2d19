package io.paillette.broker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceNamesTest {

    private static final SequenceNames.Named OF_APP = new SequenceNames.Named("app", OptionalInt.empty(), Map.of());

    private final SequenceNames names =
            new SequenceNames(Set.of("app"), Map.of("orders", OF_APP, SequenceNames.messagesOf("app"), OF_APP));

    @Test
    void tablesMessagesAndNamedSequencesBelongToTheirSource() {
        assertThat(names.sourceOf("app.public.orders")).hasValue("app");
        assertThat(names.sourceOf("app.message")).hasValue("app");
        assertThat(names.sourceOf("orders")).hasValue("app");
    }

    @Test
    void otherTopicsBelongToProducers() {
        assertThat(names.sourceOf("app")).isEmpty();
        assertThat(names.sourceOf("app.messages")).isEmpty();
        assertThat(names.sourceOf("app.transaction")).isEmpty();
        assertThat(names.sourceOf("shop.message")).isEmpty();
        assertThat(names.sourceOf("shop.public.orders")).isEmpty();
    }
}
