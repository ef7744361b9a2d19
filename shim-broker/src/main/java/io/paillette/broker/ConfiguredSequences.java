package io.paillette.broker;

import io.paillette.broker.cli.StartException;
import io.paillette.broker.config.BrokerConfig;
import io.paillette.broker.config.BrokerConfig.Sequence;
import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.broker.config.InvalidConfigException;
import io.paillette.broker.config.SequenceReader;
import io.paillette.broker.feed.DefinitionReader;
import io.paillette.broker.feed.FeedRules;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceDefinition;
import io.paillette.broker.feed.SequenceNames.Named;
import io.paillette.broker.postgres.StoreAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What definitions of sequences mean beside this broker's configuration. */
final class ConfiguredSequences implements DefinitionReader {

    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredSequences.class);

    private final BrokerConfig config;
    private final StoreAddress store;
    private final SequenceReader reader;

    ConfiguredSequences(BrokerConfig config, StoreAddress store) {
        this.config = config;
        this.store = store;
        this.reader = new SequenceReader(config.sources());
    }

    /** @throws StartException where the file and the store do not go together, saying what to do */
    Reading atStart(List<SequenceDefinition> made) throws StartException {
        List<SequenceDefinition> active =
                made.stream().filter(SequenceDefinition::isActive).toList();
        for (SequenceDefinition one : active) {
            Optional<String> twice = twice(one);
            if (twice.isPresent()) {
                throw new StartException(twice.get());
            }
        }
        for (Source source : config.sources()) {
            var unused = Parts.feed(config, source, store, Map.of());
        }
        return all(active);
    }

    /** Of those that the names and feeds of the start know: one that is being removed is still to be looked at. */
    static Map<String, Long> versions(List<SequenceDefinition> made) {
        return made.stream()
                .filter(SequenceDefinition::isActive)
                .collect(Collectors.toMap(
                        SequenceDefinition::name,
                        one -> one.made().orElseThrow().version()));
    }

    @Override
    public List<SequenceDefinition> written() {
        return config.sequences().stream()
                .map(sequence -> definition(sequence, sequence.written()))
                .toList();
    }

    private static SequenceDefinition definition(Sequence sequence, Map<String, String> properties) {
        return new SequenceDefinition(
                sequence.name(), sequence.source(), sequence.topic().name(), properties, Optional.empty());
    }

    @Override
    public SequenceDefinition read(String name, Map<String, String> properties, List<SequenceDefinition> beside)
            throws RefusedException {
        try {
            Sequence read = reader.read(name, properties, readable(beside));
            // With the source in it: there may be more than one later.
            var complete = new LinkedHashMap<String, String>();
            complete.put(SequenceOption.SOURCE.key(), read.source());
            complete.putAll(read.written());
            return definition(read, complete);
        } catch (InvalidConfigException e) {
            throw new RefusedException(Why.INVALID, sentences(e));
        }
    }

    /** Of those that are not, their source says so, and is not fed. */
    private List<Sequence> readable(List<SequenceDefinition> made) {
        var readable = new ArrayList<>(config.sequences());
        for (SequenceDefinition one : made) {
            if (isOurs(one)) {
                try {
                    readable.add(reader.read(one.name(), one.properties(), readable));
                } catch (InvalidConfigException e) {
                    LOG.debug("sequence {} is not looked at beside others", one.name(), e);
                }
            }
        }
        return readable;
    }

    @Override
    public Map<String, String> portable(SequenceDefinition definition) {
        return config.sequences().stream()
                .filter(own -> definition.made().isEmpty() && own.name().equals(definition.name()))
                .findFirst()
                .map(SequenceReader::portable)
                .orElse(definition.properties());
    }

    @Override
    public String text(String name, Map<String, String> properties) {
        return SequenceReader.text(name, properties);
    }

    @Override
    public String partitions() {
        return SequenceOption.PARTITIONS.key();
    }

    @Override
    public Optional<String> deadLetters(SequenceDefinition definition) {
        return Optional.ofNullable(definition.properties().get(SequenceOption.DEAD_LETTER_TOPIC.key()))
                .filter(topic -> !topic.isEmpty());
    }

    @Override
    public boolean isTopicConfig(String property) {
        return LogConfig.configDefCopy().configKeys().containsKey(property);
    }

    @Override
    public Reading all(List<SequenceDefinition> made) {
        var sequences = new ArrayList<>(config.sequences());
        var refused = new HashMap<String, String>();
        var versions = new HashMap<String, Map<String, Long>>();
        for (SequenceDefinition one : made) {
            if (isOurs(one)) {
                try {
                    Optional<String> twice = twice(one);
                    if (twice.isPresent()) {
                        throw new InvalidConfigException(List.of(twice.get()));
                    }
                    sequences.add(reader.read(one.name(), one.properties(), sequences));
                } catch (InvalidConfigException e) {
                    refused.merge(one.source(), sentences(e), (some, more) -> some + "; " + more);
                }
            }
            one.made().ifPresent(given -> versions.computeIfAbsent(one.source(), source -> new HashMap<>())
                    .put(one.name(), given.version()));
        }
        BrokerConfig whole = config.withSequences(sequences);
        var rules = new HashMap<String, FeedRules>();
        for (Source source : config.sources()) {
            if (!refused.containsKey(source.name())) {
                try {
                    rules.put(
                            source.name(),
                            Parts.feed(whole, source, store, versions.getOrDefault(source.name(), Map.of())));
                } catch (StartException e) {
                    refused.put(source.name(), String.valueOf(e.getMessage()));
                }
            }
        }
        return new Reading(rules, refused, topics(whole, made));
    }

    /** Another broker may feed those of sources that this one does not know: nobody writes them here either. */
    private Map<String, Named> topics(BrokerConfig whole, List<SequenceDefinition> made) {
        Map<String, Named> topics = Parts.sequenceTopics(whole);
        for (SequenceDefinition one : made) {
            var named = new Named(one.source(), OptionalInt.empty(), Map.of());
            topics.putIfAbsent(one.topic(), named);
            deadLetters(one).ifPresent(letters -> topics.putIfAbsent(letters, named));
        }
        return topics;
    }

    private boolean isOurs(SequenceDefinition definition) {
        return config.sources().stream().anyMatch(source -> source.name().equals(definition.source()));
    }

    private Optional<String> twice(SequenceDefinition made) {
        return config.sequences().stream().anyMatch(own -> own.name().equals(made.name()))
                ? Optional.of(
                        "sequence " + made.name() + " stands in the properties file, and one of that name was made on"
                                + " a running broker ("
                                + made.made().map(SequenceDefinition.Made::by).orElse("") + "): give"
                                + " the one of the file another name, or take it out and go on with the other")
                : Optional.empty();
    }

    private static String sentences(InvalidConfigException e) {
        return String.join("; ", e.problems());
    }
}
