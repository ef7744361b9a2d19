package io.paillette.broker.feed;

import io.paillette.broker.feed.DefinitionReader.Reading;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.TableName;
import io.paillette.capture.filter.Operation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which sequence can be told rows that are read of which table. */
public final class SequenceReaders {

    private final Reading reading;

    SequenceReaders(Reading reading) {
        this.reading = reading;
    }

    /** The source that it is of; empty where there is no such sequence. */
    public Optional<String> source(String sequence) {
        return reading.rules().entrySet().stream()
                .filter(source -> rule(source.getValue(), sequence).isPresent())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Empty where it can, and where its source cannot be fed at all as it is defined. */
    public Optional<String> whyNot(String sequence, String source, TableName table) {
        FeedRules rules = reading.rules().get(source);
        if (rules == null) {
            return Optional.empty();
        }
        Optional<SequenceRule> rule = rule(rules, sequence);
        if (rule.isEmpty()) {
            return Optional.of(unknown(sequence, source, rules));
        }
        if (!rule.get().names(table)) {
            return Optional.of(unread(rule.get(), table));
        }
        if (!rule.get().operations().contains(Operation.READ)) {
            return Optional.of("sequence " + sequence + " does not tell rows that are read: its operations are "
                    + rule.get().operations().stream()
                            .map(one -> one.name().toLowerCase(Locale.ROOT))
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        return Optional.empty();
    }

    static String unread(SequenceRule rule, TableName table) {
        return "sequence " + rule.name() + " does not read table " + table + "; its tables are " + rule.tables();
    }

    private String unknown(String sequence, String source, FeedRules rules) {
        Optional<String> other = source(sequence);
        if (other.isPresent()) {
            return "sequence " + sequence + " is of source " + other.get() + ", not of " + source;
        }
        List<String> known = rules.sequences().stream().map(SequenceRule::name).toList();
        return "source " + source + " has no sequence \"" + sequence + "\"; it has "
                + (known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known)));
    }

    private static Optional<SequenceRule> rule(FeedRules rules, String sequence) {
        return rules.sequences().stream()
                .filter(rule -> rule.name().equals(sequence))
                .findFirst();
    }
}
