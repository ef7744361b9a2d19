package io.paillette.broker.topic;

import java.util.Optional;

/** Which topics are sequences, and how they are made, whoever asks for them first. */
public interface SequenceDefinitions {

    /** The source of which a topic of that name is, or would be, a sequence. */
    Optional<String> sourceOf(String name);

    /** The topic as its sequence is defined; unchanged when it is none, or has nothing of its own. */
    NewTopic defined(NewTopic topic);

    /** Of a broker without sources. */
    final class None implements SequenceDefinitions {

        @Override
        public Optional<String> sourceOf(String name) {
            return Optional.empty();
        }

        @Override
        public NewTopic defined(NewTopic topic) {
            return topic;
        }
    }
}
