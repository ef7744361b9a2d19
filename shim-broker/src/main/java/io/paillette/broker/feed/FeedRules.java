package io.paillette.broker.feed;

import io.paillette.broker.smt.ChainSettings;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.TableName;
import io.paillette.capture.TablePattern;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.filter.Enrichment;
import io.paillette.capture.filter.Operation;
import io.paillette.capture.filter.Question;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a source becomes sequences.
 *
 * @param version    of this software, for {@code source.version} of each record
 * @param database   name of the captured database, for {@code source.db}
 * @param partitions of a sequence that does not say how many
 * @param made       versions of those sequences among them that were made on a running broker, by name
 * @param sequences  where a table goes: to each of those that name it, and to {@code <source>.<schema>.<table>} when none does
 */
public record FeedRules(
        CaptureSettings capture,
        String version,
        String database,
        int partitions,
        List<SequenceRule> sequences,
        Map<String, Long> made) {

    public FeedRules {
        sequences = List.copyOf(sequences);
        made = Map.copyOf(made);
    }

    /** A rule for itself, and for those that share its topic. */
    FeedRules about(SequenceRule rule) {
        return new FeedRules(
                capture,
                version,
                database,
                partitions,
                sequences.stream()
                        .filter(other -> other.topic().equals(rule.topic()))
                        .toList(),
                Map.of());
    }

    /**
     * A topic that is called otherwise, or tells something else, than by default.
     *
     * @param compacted whether only the newest record of each key is kept
     */
    public record SequenceRule(
            String name,
            List<TablePattern> tables,
            String topic,
            boolean compacted,
            Set<Operation> operations,
            SqlCondition where,
            SequenceShape shape,
            Processing processing) {

        public SequenceRule {
            tables = List.copyOf(tables);
            operations = Set.copyOf(operations);
        }

        /** What the source is asked of a change of its tables. */
        Question question() {
            return new Question(where, processing.choice().expressions());
        }

        boolean names(TableName table) {
            return tables.stream().anyMatch(pattern -> pattern.matches(table));
        }
    }

    /**
     * What becomes of the changes of a sequence before they are records.
     *
     * @param choice      where they go
     * @param enrichment  what else is told of them, as text in headers or as JSON in the value
     * @param deadLetters present: one for which something fails goes there, and is no reason to stop
     * @param retry       how long what fails is tried again before that, or before the sequence stops for good
     */
    public record Processing(
            Choice choice,
            Optional<Enrichment> enrichment,
            Optional<FunctionFile> functions,
            Optional<ChainSettings> chain,
            Optional<DeadLetterRule> deadLetters,
            RetryRule retry) {}

    /**
     * Expressions whose values are the topic, the key, the partition and headers of records.
     *
     * @param headers by name
     */
    public record Choice(
            Optional<SqlFragment> topic,
            Optional<SqlFragment> key,
            Optional<SqlFragment> partition,
            Map<String, SqlFragment> headers) {

        public Choice {
            headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        }

        /** In the order in which {@link Chosen#of} takes their values. */
        List<SqlFragment> expressions() {
            return Stream.of(topic.stream(), key.stream(), partition.stream(), headers.values().stream())
                    .flatMap(each -> each)
                    .toList();
        }
    }

    /**
     * @param timeout      from the first failure at a change on; zero: never tried again by itself; empty: without end
     * @param longestPause between two tries
     */
    public record RetryRule(Optional<Duration> timeout, Duration longestPause) {}

    /** @param context whether its records say in headers what has failed */
    public record DeadLetterRule(String topic, boolean context) {}

    /** Functions that each change of a sequence goes through. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record FunctionFile(String name, byte[] content) {}
}
