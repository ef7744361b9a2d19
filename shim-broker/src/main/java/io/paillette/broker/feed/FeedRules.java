package io.paillette.broker.feed;

import io.paillette.capture.CaptureSettings;
import java.util.List;

/**
 * How a source becomes sequences.
 *
 * @param version    of this software, for {@code source.version} of each record
 * @param database   name of the captured database, for {@code source.db}
 * @param partitions of a sequence that does not say how many
 * @param sequences  where a table goes when not to {@code <source>.<schema>.<table>}; the first that matches counts
 */
public record FeedRules(
        CaptureSettings capture, String version, String database, int partitions, List<SequenceRule> sequences) {

    public FeedRules {
        sequences = List.copyOf(sequences);
    }

    /** @param tables patterns {@code schema.table}, {@code *} matches any run of characters */
    public record SequenceRule(List<String> tables, String topic, int partitions) {

        public SequenceRule {
            tables = List.copyOf(tables);
        }
    }
}
