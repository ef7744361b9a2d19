package io.paillette.broker.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a properties file says of sequences, as an export writes it or as a broker reads it at its start. Whether a property is
 * one, and its value, is for the broker to say that is told of it.
 *
 * @param sequences properties by name of the sequence, without it
 * @param others    keys of other things
 */
public record SequenceFile(Map<String, Map<String, String>> sequences, List<String> others) {

    /** @throws InvalidConfigException with every line that cannot be meant */
    public static SequenceFile parse(String text) throws InvalidConfigException {
        var sequences = new LinkedHashMap<String, Map<String, String>>();
        var others = new ArrayList<String>();
        var problems = new ArrayList<String>();
        var lines = new LinkedHashMap<String, Integer>();
        for (PropertiesText.Entry entry : entries(text)) {
            Integer before = lines.putIfAbsent(entry.key(), entry.line());
            Optional<FeedKeys.Name> name =
                    FeedKeys.Name.parse(entry.key()).filter(one -> one.kind().equals(FeedKeys.SEQUENCE));
            if (before != null) {
                problems.add("\"" + entry.key() + "\" is set twice, on lines " + before + " and " + entry.line()
                        + ": remove one of them");
            } else if (name.isPresent()) {
                sequences
                        .computeIfAbsent(name.get().name(), key -> new LinkedHashMap<>())
                        .put(name.get().option(), entry.value().strip());
            } else if (isAlmostOfASequence(entry.key())) {
                problems.add("\"" + entry.key() + "\" (line " + entry.line() + ") has to be sequence.NAME.OPTION");
            } else {
                others.add(entry.key());
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return new SequenceFile(sequences, others);
    }

    private static List<PropertiesText.Entry> entries(String text) throws InvalidConfigException {
        try {
            return PropertiesText.parse(text).entries();
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(List.of("it is not a properties file: " + e.getMessage()));
        }
    }

    /** A misspelt one would go unseen among the keys of other things. */
    private static boolean isAlmostOfASequence(String key) {
        String first = key.substring(0, Math.max(key.indexOf('.'), 0));
        return !first.equals(FeedKeys.SOURCE)
                && NearestName.of(first, List.of(FeedKeys.SEQUENCE)).isPresent();
    }

    /** Whether a sequence's topic is made with this option, and is changed in it as any topic is. */
    public static boolean isOfTopic(String option) {
        return option.equals(FeedKeys.SequenceOption.PARTITIONS.key())
                || new FeedKeys.Name(FeedKeys.SEQUENCE, "", option).isTopicConfig();
    }
}
