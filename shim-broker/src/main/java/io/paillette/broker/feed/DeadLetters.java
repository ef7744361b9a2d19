package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.feed.FeedRules.DeadLetterRule;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.smt.ChainException;
import io.paillette.broker.smt.ChainException.Stage;
import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.filter.AskedSource;
import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the changes go for which something of their sequence fails: to its dead letter topic, as its envelope has them, in the
 * same append as what else their transaction did. For one thread.
 */
final class DeadLetters {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    /** By Connect's names (KIP-298, Kafka 4.4: {@code DeadLetterQueueReporter}). */
    private static final String CONTEXT = "__connect.errors.";

    /** Each of a million that fail is in the topic; the log says that there are some. */
    private static final long BETWEEN_LINES_NANOS = Duration.ofSeconds(30).toNanos();

    private static final Header[] NO_HEADERS = {};

    private final SequenceTopics sequences;
    private final SequenceCounts counts;
    private final Map<String, Line> lines = new HashMap<>(); // by name of the sequence

    private @Nullable Position event;
    private @Nullable Stragglers stragglers;

    /** When the log last had one, and how many there were since that it has not. */
    private record Line(long at, long untold) {}

    /** What has failed, as the headers say it. */
    private record Failed(Stage stage, String className, Throwable cause) {}

    DeadLetters(SequenceTopics sequences, SequenceCounts counts) {
        this.sequences = sequences;
        this.counts = counts;
    }

    /** What fails from now on fails for the event at {@code position}. */
    void at(Position position, Stragglers stragglers) {
        this.event = position;
        this.stragglers = stragglers;
    }

    /** Whether a failure that does not pass by itself is no reason to stop there. */
    boolean take(Route route, CaptureException failure) {
        return !failure.isTransient()
                && route.hasDeadLetters()
                && !Objects.requireNonNull(stragglers)
                        .areTriedAgain(route.rule().orElseThrow(), Objects.requireNonNull(event));
    }

    /**
     * @param own headers that the record has in any case
     * @throws CaptureException where the topic cannot keep it
     */
    void put(
            Route route,
            ChangeRecord change,
            ValueJson writer,
            Header[] own,
            CaptureException failure,
            EventBuffer into)
            throws CaptureException {
        SequenceRule rule = route.rule().orElseThrow();
        DeadLetterRule to = rule.processing().deadLetters().orElseThrow();
        Topic topic = sequences.deadLetters(to);
        byte[] key = writer.key(change);
        if (key == null && sequences.isCompacted(topic)) {
            throw new CaptureException(
                    failure.getMessage() + "; and the dead letter topic " + topic.name()
                            + " is compacted, which keeps nothing without a key: set its cleanup.policy=delete",
                    false,
                    failure);
        }
        into.add(
                SequenceTopics.partitionOf(topic, key),
                change.transaction().committed().toEpochMilli(),
                key,
                writer.value(change),
                to.context() ? withContext(own, rule, failure) : own);
        counts.deadLetter(rule.name());
        tell(rule.name(), topic.name(), failure);
    }

    private void tell(String sequence, String topic, CaptureException failure) {
        long now = System.nanoTime();
        Line last = lines.get(sequence);
        if (last != null && now - last.at() < BETWEEN_LINES_NANOS) {
            lines.put(sequence, new Line(last.at(), last.untold() + 1));
            return;
        }
        long untold = last == null ? 0 : last.untold();
        lines.put(sequence, new Line(now, 0));
        log.warn(
                "to the dead letter topic {}{}: {}",
                topic,
                untold == 0 ? "" : ", after " + untold + " that are not in this log",
                ChangeFailure.withoutAdvice(failure));
    }

    private static Header[] withContext(Header[] own, SequenceRule rule, CaptureException failure) {
        Failed failed = failed(failure);
        List<Header> all = new ArrayList<>(List.of(own));
        all.add(context("topic", rule.topic()));
        all.add(context("connector.name", rule.name()));
        all.add(context("stage", failed.stage().name()));
        all.add(context("class.name", failed.className()));
        all.add(context("exception.class.name", failed.cause().getClass().getName()));
        all.add(context("exception.message", failed.cause().getMessage()));
        all.add(context("exception.stacktrace", trace(failed.cause())));
        return all.toArray(NO_HEADERS);
    }

    /** Conditions and functions choose and change records, as transformations do; Connect has no other word for them. */
    private static Failed failed(CaptureException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof ChainException chain) {
            Throwable thrown = chain.getCause() == null ? chain : chain.getCause();
            return new Failed(chain.stage(), chain.className(), thrown);
        }
        if (cause instanceof FunctionException) {
            return new Failed(Stage.TRANSFORMATION, Functions.class.getName(), cause);
        }
        return cause == null
                ? new Failed(Stage.TRANSFORMATION, DeadLetters.class.getName(), failure)
                : new Failed(Stage.TRANSFORMATION, AskedSource.class.getName(), failure);
    }

    private static Header context(String name, @Nullable String text) {
        return new RecordHeader(CONTEXT + name, text == null ? null : text.getBytes(UTF_8));
    }

    private static String trace(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
