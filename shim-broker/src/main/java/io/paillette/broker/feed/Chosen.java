package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.feed.FeedRules.Choice;
import io.paillette.function.Outcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What is chosen for a record, beside its value.
 *
 * @param topic     empty: the sequence's
 * @param key       empty: the change's own
 * @param partition empty: as the key says
 * @param headers   beside a link to another key
 */
record Chosen(Optional<String> topic, Optional<Outcome.Key> key, OptionalInt partition, List<Header> headers) {

    static final String NO_PARTITION =
            " is no partition, which is a whole number from 0, or NULL for what the key says";

    static final Chosen NOTHING = new Chosen(Optional.empty(), Optional.empty(), OptionalInt.empty(), List.of());

    Chosen {
        headers = List.copyOf(headers);
    }

    /**
     * @param texts values of the choice's expressions
     * @throws IllegalArgumentException when one is none that it could be, with what it should be
     */
    static Chosen of(Choice choice, List<@Nullable String> texts) {
        Iterator<@Nullable String> each = texts.iterator();
        Optional<String> topic = choice.topic().isPresent() ? Optional.ofNullable(each.next()) : Optional.empty();
        Optional<Outcome.Key> key = Optional.empty();
        if (choice.key().isPresent()) {
            String text = each.next();
            key = Optional.of(new Outcome.Key(text == null ? null : text.getBytes(UTF_8), false));
        }
        OptionalInt partition = OptionalInt.empty();
        if (choice.partition().isPresent()) {
            String text = each.next();
            partition = text == null ? OptionalInt.empty() : OptionalInt.of(partition(text));
        }
        var headers = new ArrayList<Header>();
        for (String name : choice.headers().keySet()) {
            headers.add(ChangeHeaders.header(name, each.next()));
        }
        return new Chosen(topic, key, partition, headers);
    }

    private static int partition(String text) {
        int partition;
        try {
            partition = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(none(text), e);
        }
        if (partition < 0) {
            throw new IllegalArgumentException(none(text));
        }
        return partition;
    }

    private static String none(String text) {
        return "\"" + text + "\"" + NO_PARTITION;
    }

    boolean isPlace() {
        return topic.isPresent() || key.isPresent() || partition.isPresent();
    }

    Chosen with(List<Header> more) {
        if (more.isEmpty()) {
            return this;
        }
        List<Header> all = new ArrayList<>(more);
        all.addAll(headers);
        return new Chosen(topic, key, partition, all);
    }
}
