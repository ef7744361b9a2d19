package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;

/**
 * Topics as a commit of offsets names them, by name or by id. One may have been made on another broker a moment ago, and an
 * unknown one would be fatal to a consumer: the store is asked before that is told.
 *
 * @param byId names of topics have made way for their ids
 */
record KnownTopics<T>(Topics topics, boolean byId, Names<T> names) {

    record Names<T>(Function<T, String> name, Function<T, Uuid> id) {}

    Optional<Topic> find(T asked) {
        return byId
                ? topics.find(names.id().apply(asked))
                : topics.find(names.name().apply(asked));
    }

    /** Goes on at once where all are known, otherwise when the store has been asked. */
    <R> CompletionStage<R> then(Collection<T> asked, Supplier<CompletionStage<R>> goOn) {
        CompletionStage<?> known = asked.stream().allMatch(topic -> find(topic).isPresent())
                ? CompletableFuture.completedFuture(null)
                : topics.catchUp().exceptionally(unreachable -> null);
        return known.thenCompose(done -> goOn.get());
    }
}
