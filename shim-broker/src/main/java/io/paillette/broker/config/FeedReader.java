package io.paillette.broker.config;

import static io.paillette.broker.config.FeedKeys.SEQUENCE;
import static io.paillette.broker.config.FeedKeys.SOURCE;

import io.paillette.broker.config.BrokerConfig.DeadLetters;
import io.paillette.broker.config.BrokerConfig.Selection;
import io.paillette.broker.config.BrokerConfig.Sequence;
import io.paillette.broker.config.BrokerConfig.SequenceTopic;
import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.broker.config.BrokerConfig.Told;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.filter.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** Reads {@code source.<name>.*} and {@code sequence.<name>.*}. */
final class FeedReader {

    private static final String ANY_URL = "jdbc:postgresql:";

    private final Settings settings;
    private final List<String> problems;

    FeedReader(Settings settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    List<Source> sources() {
        var options = new LinkedHashMap<String, Map<CaptureOption, String>>();
        var masks = new HashMap<String, Map<String, String>>();
        for (Setting setting : settings.all()) {
            FeedKeys.Name.parse(setting.key()).ifPresent(name -> {
                name.captureOption().ifPresent(option -> options.computeIfAbsent(
                                name.name(), key -> new EnumMap<>(CaptureOption.class))
                        .put(option, setting.value()));
                if (name.isColumnOption()) {
                    options.computeIfAbsent(name.name(), key -> new EnumMap<>(CaptureOption.class));
                    masks.computeIfAbsent(name.name(), key -> new LinkedHashMap<>())
                            .put(name.option(), setting.value());
                }
            });
        }
        var sources = new ArrayList<Source>();
        options.forEach((name, given) -> sources.add(source(name, given, masks.getOrDefault(name, Map.of()))));
        return sources;
    }

    private Source source(String name, Map<CaptureOption, String> given, Map<String, String> masks) {
        boolean fromStore = FeedKeys.STORE.equals(given.get(CaptureOption.URL));
        var checked = new EnumMap<>(given);
        if (fromStore) {
            checked.put(CaptureOption.URL, ANY_URL);
        }
        try {
            CaptureSettings.of(name, checked, masks);
        } catch (IllegalArgumentException e) {
            problems.add(SOURCE + "." + name + "." + e.getMessage());
        }
        return new Source(name, fromStore, given, masks);
    }

    List<Sequence> sequences(List<Source> sources) {
        return sequences(sources, List.of());
    }

    /** @param others which they have to get on with */
    List<Sequence> sequences(List<Source> sources, List<Sequence> others) {
        var options = new LinkedHashMap<String, Map<SequenceOption, String>>();
        var configs = new HashMap<String, Map<String, String>>();
        for (Setting setting : settings.all()) {
            FeedKeys.Name.parse(setting.key()).ifPresent(name -> {
                name.sequenceOption().ifPresent(option -> options.computeIfAbsent(
                                name.name(), key -> new EnumMap<>(SequenceOption.class))
                        .put(option, setting.value()));
                if (name.isPluginOption() || name.isRouteHeader()) {
                    options.computeIfAbsent(name.name(), key -> new EnumMap<>(SequenceOption.class));
                }
                if (name.isTopicConfig()) {
                    options.computeIfAbsent(name.name(), key -> new EnumMap<>(SequenceOption.class));
                    configs.computeIfAbsent(name.name(), key -> new LinkedHashMap<>())
                            .put(name.option(), setting.value());
                }
            });
        }
        var sequences = new ArrayList<Sequence>();
        options.forEach(
                (name, given) -> sequences.add(sequence(name, given, configs.getOrDefault(name, Map.of()), sources)));
        var all = new ArrayList<>(others);
        all.addAll(sequences);
        requireOneTopicEach(all);
        requireDeadLettersApart(all);
        return sequences;
    }

    /** A topic's partitions are led where its source is read, and it is made once. */
    private void requireOneTopicEach(List<Sequence> sequences) {
        var first = new HashMap<String, Sequence>();
        for (Sequence sequence : sequences) {
            Sequence other = first.putIfAbsent(sequence.topic().name(), sequence);
            if (other == null) {
                continue;
            }
            if (!other.topic().equals(sequence.topic())
                    || other.told().envelope() != sequence.told().envelope()) {
                problem(
                        sequence.name(),
                        SequenceOption.TOPIC,
                        "topic \"" + sequence.topic().name() + "\" is that of sequence " + other.name()
                                + " as well, with other partitions, topic configs or another envelope: make them the same,"
                                + " or give this sequence another topic");
            }
            if (!other.source().equals(sequence.source())) {
                problem(
                        sequence.name(),
                        SequenceOption.TOPIC,
                        "topic \"" + sequence.topic().name() + "\" is that of sequence " + other.name()
                                + ", which source " + other.source()
                                + " feeds; a topic has one source, give this sequence another topic");
            }
        }
    }

    /** Who reads a sequence does not expect what could not be told of another, and a topic has one source. */
    private void requireDeadLettersApart(List<Sequence> sequences) {
        var owners = new HashMap<String, Sequence>();
        for (Sequence sequence : sequences) {
            Optional<String> letters = sequence.processing().deadLetters().map(DeadLetters::topic);
            if (letters.isEmpty()) {
                continue;
            }
            sequences.stream()
                    .filter(other -> !other.name().equals(sequence.name())
                            && other.topic().name().equals(letters.get()))
                    .forEach(other -> problem(
                            sequence.name(),
                            SequenceOption.DEAD_LETTER_TOPIC,
                            "\"" + letters.get() + "\" is the topic of sequence " + other.name() + ": name another"));
            Sequence first = owners.putIfAbsent(letters.get(), sequence);
            if (first != null && !first.source().equals(sequence.source())) {
                problem(
                        sequence.name(),
                        SequenceOption.DEAD_LETTER_TOPIC,
                        "\"" + letters.get() + "\" is that of sequence " + first.name() + " as well, which source "
                                + first.source() + " feeds; a topic has one source, name another");
            }
        }
    }

    private Sequence sequence(
            String name, Map<SequenceOption, String> given, Map<String, String> configs, List<Source> sources) {
        String topic = given.getOrDefault(SequenceOption.TOPIC, name);
        try {
            Topic.validate(topic);
        } catch (InvalidTopicException e) {
            problem(name, SequenceOption.TOPIC, "\"" + topic + "\" is not a topic name: " + e.getMessage());
        }
        List<String> tables = list(given.get(SequenceOption.TABLES));
        if (tables.isEmpty()) {
            problem(name, SequenceOption.TABLES, "names no table; write patterns schema.table, as in public.orders");
        }
        Envelope envelope = envelope(name, given.getOrDefault(SequenceOption.ENVELOPE, "debezium"));
        requireTopicConfigs(name, configs);
        var reader = new ProcessingReader(settings, problems, name);
        return new Sequence(
                name,
                sourceOf(name, Optional.ofNullable(given.get(SequenceOption.SOURCE)), sources),
                topic(name, topic, given, configs, envelope),
                new Selection(
                        tables,
                        operations(name, given.get(SequenceOption.OPERATIONS)),
                        given.getOrDefault(SequenceOption.WHERE, "").strip()),
                new Told(envelope, list(given.get(SequenceOption.COLUMNS)), list(given.get(SequenceOption.KEY))),
                reader.processing(envelope, topic, given),
                written(reader, given, configs));
    }

    private static Map<String, String> written(
            ProcessingReader reader, Map<SequenceOption, String> given, Map<String, String> configs) {
        var written = new LinkedHashMap<String, String>();
        given.forEach((option, value) -> written.put(
                option.key(),
                option == SequenceOption.FUNCTIONS && !value.isEmpty()
                        ? reader.functionFile(value).toString()
                        : value));
        written.putAll(reader.options());
        reader.headers().forEach((header, sql) -> written.put(FeedKeys.ROUTE_HEADERS + header, sql));
        written.putAll(configs);
        return written;
    }

    private SequenceTopic topic(
            String name,
            String topic,
            Map<SequenceOption, String> given,
            Map<String, String> configs,
            Envelope envelope) {
        var all = new LinkedHashMap<>(configs);
        if (envelope == Envelope.ROW) {
            all.putIfAbsent(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        }
        var read = new SequenceTopic(topic, partitions(name, given.get(SequenceOption.PARTITIONS)), all);
        if (envelope == Envelope.ROW && !read.isCompacted()) {
            problems.add(SEQUENCE + "." + name + "." + TopicConfig.CLEANUP_POLICY_CONFIG
                    + ": must contain compact with envelope=row, whose newest rows would be deleted otherwise");
        }
        return read;
    }

    private Envelope envelope(String name, String given) {
        for (Envelope envelope : Envelope.values()) {
            if (envelope.name().equalsIgnoreCase(given)) {
                return envelope;
            }
        }
        problem(name, SequenceOption.ENVELOPE, "\"" + given + "\" must be one of debezium, change, row, wal2json");
        return Envelope.DEBEZIUM;
    }

    private void requireTopicConfigs(String name, Map<String, String> configs) {
        try {
            LogConfig.validate(
                    Map.of(),
                    configs,
                    Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE),
                    false);
        } catch (ConfigException e) {
            problems.add(SEQUENCE + "." + name + ": " + e.getMessage());
        }
    }

    static List<String> list(@Nullable String given) {
        return given == null
                ? List.of()
                : Arrays.stream(given.split(",", -1))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList();
    }

    private Set<Operation> operations(String name, @Nullable String given) {
        if (given == null) {
            return EnumSet.allOf(Operation.class);
        }
        var operations = EnumSet.noneOf(Operation.class);
        for (String word : list(given)) {
            Arrays.stream(Operation.values())
                    .filter(operation -> operation.name().equalsIgnoreCase(word))
                    .findFirst()
                    .ifPresentOrElse(
                            operations::add,
                            () -> problem(
                                    name,
                                    SequenceOption.OPERATIONS,
                                    "\"" + word + "\" must be one of read, insert, update, delete, truncate"));
        }
        if (list(given).isEmpty()) {
            problem(name, SequenceOption.OPERATIONS, "names none of read, insert, update, delete, truncate");
        }
        return operations;
    }

    private String sourceOf(String name, Optional<String> given, List<Source> sources) {
        List<String> names = sources.stream().map(Source::name).toList();
        if (given.isEmpty() && names.size() == 1) {
            return names.get(0);
        }
        String source = given.orElse("");
        if (!names.contains(source)) {
            String there = names.isEmpty() ? "none" : String.join(", ", names);
            problem(name, SequenceOption.SOURCE, "\"" + source + "\" must be one of the sources; there are: " + there);
        }
        return source;
    }

    private OptionalInt partitions(String name, @Nullable String given) {
        if (given == null) {
            return OptionalInt.empty();
        }
        try {
            int partitions = Integer.parseInt(given);
            if (partitions > 0) {
                return OptionalInt.of(partitions);
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers that are too small.
        }
        problem(name, SequenceOption.PARTITIONS, "\"" + given + "\" must be a whole number from 1");
        return OptionalInt.empty();
    }

    private void problem(String name, SequenceOption option, String rule) {
        problems.add(settings.describe(SEQUENCE + "." + name + "." + option.key()) + ": " + rule);
    }
}
