package io.paillette.broker.config;

import static io.paillette.broker.config.FeedKeys.SEQUENCE;

import io.paillette.broker.config.BrokerConfig.Sequence;
import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.function.Language;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads definitions of sequences that are in no file, by the keys and rules of one. */
public final class SequenceReader {

    private static final Logger LOG = LoggerFactory.getLogger(SequenceReader.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,200}");

    private final List<Source> sources;

    public SequenceReader(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * @param properties by key without {@code sequence.<name>.}
     * @param others     sequences that it has to get on with
     * @throws InvalidConfigException with every problem
     */
    public Sequence read(String name, Map<String, String> properties, List<Sequence> others)
            throws InvalidConfigException {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidConfigException(
                    List.of(
                            "\"" + name
                                    + "\" is no name for a sequence: use up to 200 letters, digits, - and _ (its topic may have dots)"));
        }
        var problems = new ArrayList<String>();
        var given = new LinkedHashMap<String, String>();
        properties.forEach((key, value) -> given.put(SEQUENCE + "." + name + "." + key, value));
        given.putIfAbsent(SEQUENCE + "." + name + "." + SequenceOption.TABLES.key(), "");
        String file = SEQUENCE + "." + name + "." + SequenceOption.FUNCTIONS.key();
        if (given.remove(file) != null) {
            problems.add(file + ": is a file on the machine of one broker: give the functions themselves, as "
                    + SequenceOption.FUNCTIONS_TEXT.key() + " with " + SequenceOption.FUNCTIONS_LANGUAGE.key());
        }
        List<Sequence> read = new FeedReader(Settings.of(given, problems), problems).sequences(sources, others);
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return read.get(0);
    }

    /** What is written of one of a file, with its source, and its functions in place of their file's path, which means nothing elsewhere. */
    public static Map<String, String> portable(Sequence sequence) {
        var written = new LinkedHashMap<>(sequence.written());
        written.put(SequenceOption.SOURCE.key(), sequence.source()); // there may be others elsewhere
        String path = written.getOrDefault(SequenceOption.FUNCTIONS.key(), "");
        if (path.isEmpty()) {
            written.remove(SequenceOption.FUNCTIONS.key()); // as good as not said, and elsewhere it may not be
        }
        Optional<Language> language = Language.of(path);
        if (language.isEmpty()) {
            return written;
        }
        try {
            String text = language.get()
                    .text(sequence.processing().functions().orElseThrow().content());
            written.remove(SequenceOption.FUNCTIONS.key());
            written.put(SequenceOption.FUNCTIONS_TEXT.key(), text);
            if (language.get() != Language.JAVASCRIPT) {
                written.put(
                        SequenceOption.FUNCTIONS_LANGUAGE.key(),
                        language.get().name().toLowerCase(Locale.ROOT));
            }
        } catch (CharacterCodingException e) {
            LOG.debug("{} is no text, and sequence {} stands still for it", path, sequence.name(), e);
        }
        return written;
    }

    /** As lines of a properties file, in the order in which they are documented. */
    public static String text(String name, Map<String, String> properties) {
        List<String> options =
                Arrays.stream(SequenceOption.values()).map(SequenceOption::key).toList();
        return properties.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, String> one) -> !options.contains(one.getKey()))
                        .thenComparing(one -> options.indexOf(one.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .map(one -> PropertiesText.line(SEQUENCE + "." + name + "." + one.getKey(), one.getValue()) + "\n")
                .collect(Collectors.joining());
    }
}
