package io.paillette.broker.config;

import static io.paillette.broker.config.FeedKeys.SEQUENCE;

import io.paillette.broker.config.BrokerConfig.Chain;
import io.paillette.broker.config.BrokerConfig.DeadLetters;
import io.paillette.broker.config.BrokerConfig.Enrichment;
import io.paillette.broker.config.BrokerConfig.FunctionFile;
import io.paillette.broker.config.BrokerConfig.Processing;
import io.paillette.broker.config.BrokerConfig.Retry;
import io.paillette.broker.config.BrokerConfig.Routing;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.capture.envelope.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/** Reads what becomes of the changes of one sequence: queries, functions, transformations, converters, dead letters. */
final class ProcessingReader {

    private final Settings settings;
    private final List<String> problems;
    private final String sequence;

    ProcessingReader(Settings settings, List<String> problems, String sequence) {
        this.settings = settings;
        this.problems = problems;
        this.sequence = sequence;
    }

    /** @param topic of the sequence */
    Processing processing(Envelope envelope, String topic, Map<SequenceOption, String> given) {
        Optional<FunctionFile> functions = functions(
                envelope,
                given.getOrDefault(SequenceOption.FUNCTIONS, ""),
                given.getOrDefault(SequenceOption.FUNCTIONS_TEXT, ""));
        Optional<Chain> chain = chain(envelope, given);
        if (functions.isPresent() && chain.isPresent()) {
            problem(
                    SequenceOption.FUNCTIONS,
                    "functions return JSON without a schema, which transformations and converters cannot take: use one of"
                            + " the two, or a sequence for each");
        }
        return new Processing(
                routing(envelope, functions.isPresent() || chain.isPresent(), given),
                enrichment(envelope, given),
                functions,
                chain,
                deadLetters(topic, given),
                retry(given));
    }

    private Routing routing(Envelope envelope, boolean processed, Map<SequenceOption, String> given) {
        for (SequenceOption option :
                List.of(SequenceOption.ROUTE_TOPIC, SequenceOption.ROUTE_KEY, SequenceOption.ROUTE_PARTITION)) {
            if (given.getOrDefault(option, "").isBlank()) {
                continue;
            }
            if (envelope == Envelope.ROW) {
                problem(
                        option,
                        "of a topic of newest rows, envelope=row, older rows would stay for ever where this says something"
                                + " else than before: choose columns with " + key(SequenceOption.KEY.key()));
            }
            if (processed) {
                problem(
                        option,
                        "functions, transformations and converters choose themselves: let them, or leave them out");
            }
        }
        return new Routing(
                given.getOrDefault(SequenceOption.ROUTE_TOPIC, "").strip(),
                given.getOrDefault(SequenceOption.ROUTE_KEY, "").strip(),
                given.getOrDefault(SequenceOption.ROUTE_PARTITION, "").strip(),
                headers());
    }

    /** Expressions of headers, by the header's name. */
    Map<String, String> headers() {
        var headers = new LinkedHashMap<String, String>();
        for (Setting setting : settings.all()) {
            FeedKeys.Name.parse(setting.key())
                    .filter(name -> name.name().equals(sequence) && name.isRouteHeader())
                    .filter(name -> !setting.value().isBlank())
                    .ifPresent(name -> headers.put(
                            name.option().substring(FeedKeys.ROUTE_HEADERS.length()),
                            setting.value().strip()));
        }
        return headers;
    }

    private Optional<Enrichment> enrichment(Envelope envelope, Map<SequenceOption, String> given) {
        String query = given.getOrDefault(SequenceOption.ENRICH, "").strip();
        String into = given.getOrDefault(SequenceOption.ENRICH_INTO, "value");
        boolean headers = into.equalsIgnoreCase("headers");
        if (!headers && !into.equalsIgnoreCase("value")) {
            problem(SequenceOption.ENRICH_INTO, "\"" + into + "\" must be value or headers");
        }
        if (query.isEmpty()) {
            if (headers) {
                problem(
                        SequenceOption.ENRICH_INTO,
                        "there is nothing to go there: set " + key(SequenceOption.ENRICH.key()) + " to a query");
            }
            return Optional.empty();
        }
        if (envelope == Envelope.WAL2JSON && !headers) {
            problem(
                    SequenceOption.ENRICH,
                    "wal2json has no place for it in the value: set " + key(SequenceOption.ENRICH_INTO.key())
                            + "=headers, or choose another envelope");
        }
        return Optional.of(new Enrichment(query, headers));
    }

    private Optional<FunctionFile> functions(Envelope envelope, String given, String text) {
        if (given.isEmpty() && text.isEmpty()) {
            return Optional.empty();
        }
        if (!given.isEmpty() && !text.isEmpty()) {
            problem(
                    SequenceOption.FUNCTIONS_TEXT,
                    "the functions are in a file as well, " + given + ": leave one of them out");
        }
        if (envelope != Envelope.CHANGE) {
            problem(
                    given.isEmpty() ? SequenceOption.FUNCTIONS_TEXT : SequenceOption.FUNCTIONS,
                    "functions are called with changes in the envelope change: set "
                            + key(SequenceOption.ENVELOPE.key()) + "=change");
        }
        return given.isEmpty()
                ? Optional.of(new FunctionFile(sequence + ".js", text.getBytes(StandardCharsets.UTF_8)))
                : read(functionFile(given));
    }

    Path functionFile(String given) {
        return settings.find(key(SequenceOption.FUNCTIONS.key()))
                .orElseThrow()
                .base()
                .resolve(given)
                .toAbsolutePath()
                .normalize();
    }

    private Optional<FunctionFile> read(Path file) {
        try {
            return Optional.of(new FunctionFile(String.valueOf(file.getFileName()), Files.readAllBytes(file)));
        } catch (IOException e) {
            problem(
                    SequenceOption.FUNCTIONS,
                    file + " cannot be read (" + e
                            + "): give the path of a file of JavaScript (.js), Lua (.lua) or WebAssembly (.wasm)");
            return Optional.empty();
        }
    }

    private Optional<Chain> chain(Envelope envelope, Map<SequenceOption, String> given) {
        List<String> transforms = FeedReader.list(given.get(SequenceOption.TRANSFORMS));
        List<String> predicates = FeedReader.list(given.get(SequenceOption.PREDICATES));
        Map<String, String> options = options();
        requireNames(SequenceOption.TRANSFORMS, transforms, options);
        requireNames(SequenceOption.PREDICATES, predicates, options);
        boolean converted = false;
        for (SequenceOption converter : List.of(
                SequenceOption.KEY_CONVERTER, SequenceOption.VALUE_CONVERTER, SequenceOption.HEADER_CONVERTER)) {
            String type = given.get(converter);
            if (type != null) {
                options.put(converter.key(), type);
            }
            converted |= type != null || options.keySet().stream().anyMatch(key -> key.startsWith(converter.key()));
        }
        if (transforms.isEmpty() && predicates.isEmpty() && !converted) {
            return Optional.empty();
        }
        if (envelope == Envelope.WAL2JSON) {
            problem(
                    SequenceOption.ENVELOPE,
                    "wal2json has no schema, which transformations and converters need: choose debezium, change or row");
        }
        return Optional.of(new Chain(transforms, predicates, options));
    }

    /** Those of all plugins, by key behind the sequence's name. */
    Map<String, String> options() {
        var options = new LinkedHashMap<String, String>();
        for (Setting setting : settings.all()) {
            FeedKeys.Name.parse(setting.key())
                    .filter(name -> name.name().equals(sequence) && name.isPluginOption())
                    .ifPresent(name -> options.put(name.option(), setting.value()));
        }
        return options;
    }

    /** An option of what is not named would be that of nothing. */
    private void requireNames(SequenceOption list, List<String> names, Map<String, String> options) {
        String prefix = list.key() + ".";
        if (names.stream().distinct().count() < names.size()) {
            problem(list, "names one twice: " + String.join(", ", names));
        }
        for (String option : options.keySet()) {
            if (option.startsWith(prefix) && names.stream().noneMatch(name -> option.startsWith(prefix + name + "."))) {
                problems.add(settings.describe(key(option)) + ": "
                        + (names.isEmpty()
                                ? key(list.key()) + " names none; add its name there"
                                : "it is of none that " + key(list.key()) + " names, which are "
                                        + String.join(", ", names)));
            }
        }
        for (String name : names) {
            if (!options.containsKey(prefix + name + ".type")) {
                problem(list, "set " + key(prefix + name + ".type") + " to a class: " + name + " is named here");
            }
        }
    }

    private Optional<DeadLetters> deadLetters(String topic, Map<SequenceOption, String> given) {
        String tolerance = given.getOrDefault(SequenceOption.ERRORS_TOLERANCE, "none");
        String letters = given.getOrDefault(SequenceOption.DEAD_LETTER_TOPIC, "");
        String context = given.getOrDefault(SequenceOption.DEAD_LETTER_HEADERS, "false");
        if (!context.equalsIgnoreCase("true") && !context.equalsIgnoreCase("false")) {
            problem(SequenceOption.DEAD_LETTER_HEADERS, "\"" + context + "\" must be true or false");
        }
        if (tolerance.equalsIgnoreCase("none")) {
            if (!letters.isEmpty()) {
                problem(
                        SequenceOption.DEAD_LETTER_TOPIC,
                        "nothing would go there: set " + key(SequenceOption.ERRORS_TOLERANCE.key()) + "=all as well");
            }
            return Optional.empty();
        }
        if (!tolerance.equalsIgnoreCase("all")) {
            problem(SequenceOption.ERRORS_TOLERANCE, "\"" + tolerance + "\" must be none or all");
        } else if (letters.isEmpty()) {
            problem(
                    SequenceOption.ERRORS_TOLERANCE,
                    "changes that fail have to go somewhere, as nothing is dropped in silence: set "
                            + key(SequenceOption.DEAD_LETTER_TOPIC.key()) + " to a topic for them");
        } else if (letters.equals(topic)) {
            problem(SequenceOption.DEAD_LETTER_TOPIC, "\"" + letters + "\" is the sequence's own topic: name another");
        }
        requireTopic(letters);
        return Optional.of(new DeadLetters(letters, context.equalsIgnoreCase("true")));
    }

    private Retry retry(Map<SequenceOption, String> given) {
        long timeout = millis(SequenceOption.RETRY_TIMEOUT, -1, given);
        long longest = millis(SequenceOption.RETRY_DELAY_MAX, 1, given);
        return new Retry(
                timeout < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(timeout)), Duration.ofMillis(longest));
    }

    private long millis(SequenceOption option, long least, Map<SequenceOption, String> given) {
        String text = given.getOrDefault(option, option.defaultText().orElseThrow());
        try {
            long millis = Long.parseLong(text.strip());
            if (millis >= least) {
                return millis;
            }
        } catch (NumberFormatException e) { // said below
        }
        problem(option, "\"" + text + "\" must be a number of milliseconds from " + least);
        return least;
    }

    private void requireTopic(String name) {
        try {
            if (!name.isEmpty()) {
                Topic.validate(name);
            }
        } catch (InvalidTopicException e) {
            problem(SequenceOption.DEAD_LETTER_TOPIC, "\"" + name + "\" is not a topic name: " + e.getMessage());
        }
    }

    private String key(String option) {
        return SEQUENCE + "." + sequence + "." + option;
    }

    private void problem(SequenceOption option, String rule) {
        problems.add(settings.describe(key(option.key())) + ": " + rule);
    }
}
