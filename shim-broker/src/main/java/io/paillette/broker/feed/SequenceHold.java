package io.paillette.broker.feed;

import io.paillette.broker.topic.Topics;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.ConcurrentTransactionsException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a feed does between its claim and its first append: tells the store which definitions it goes by. */
record SequenceHold(SequenceStore store, Topics topics) {

    /**
     * Blocks.
     *
     * @return those that are removed and to be let go of, once what the feed remembers of them is gone
     * @throws RetriableException where they have changed since they were read; the feed is about to be started with the new ones
     */
    List<SequenceDefinition> take(FeedRules rules, SequenceTopics sequences) {
        String source = rules.capture().name();
        List<SequenceDefinition> before = store.all(); // what is removed since, this feed may still feed
        // Offsets are noted of topics that are there; who stored a definition may have been killed before it made one.
        before.stream()
                .filter(one -> one.isActive() && isOf(rules, one))
                .forEach(one -> sequences.makeMissing(one.topic()));
        if (!store.hold(source, rules.made())) {
            throw new ConcurrentTransactionsException(
                    "sequences of source " + source + " have just been changed, and are read again");
        }
        return before.stream()
                .filter(one -> one.source().equals(source) && !one.isActive())
                .toList();
    }

    private static boolean isOf(FeedRules rules, SequenceDefinition one) {
        return one.made()
                .filter(made -> Long.valueOf(made.version()).equals(rules.made().get(one.name())))
                .isPresent();
    }

    /** Of a source that this broker leads. */
    void letGo(SequenceDefinition removed) {
        if (removed.deletesTopic()) {
            delete(removed.topic());
        }
        store.forget(removed);
    }

    /** Again where a kill came between this and forgetting: then it is gone already. */
    private void delete(String topic) {
        try {
            topics.delete(topic).join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }
}
