package io.paillette.broker.smt;

import io.paillette.broker.smt.Step.Only;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.ConverterType;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and configures what a chain consists of, and checks its options against the plugins' own definitions first. */
final class ChainMaking implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ChainMaking.class);

    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    /** What Connect itself reads of a transformation's options. */
    private static final List<String> OF_CONNECT = List.of("type", "predicate", "negate");

    private final ChainSettings settings;
    private final Plugins plugins;
    private final Map<String, Plugin<?>> made = new LinkedHashMap<>(); // by option

    ChainMaking(ChainSettings settings, Plugins plugins) {
        this.settings = settings;
        this.plugins = plugins;
    }

    List<Step> steps() throws ChainException {
        Map<String, Plugin<Predicate<SourceRecord>>> predicates = new HashMap<>();
        for (String name : settings.predicates()) {
            predicates.put(name, predicate("predicates." + name + "."));
        }
        var steps = new ArrayList<Step>();
        for (String name : settings.transforms()) {
            steps.add(step("transforms." + name + ".", predicates));
        }
        return steps;
    }

    @SuppressWarnings("unchecked") // What it is made for nobody can see.
    private Step step(String options, Map<String, Plugin<Predicate<SourceRecord>>> predicates) throws ChainException {
        Map<String, String> given = given(options);
        Plugin<Transformation<SourceRecord>> made =
                (Plugin<Transformation<SourceRecord>>) (Plugin<?>) make(options + "type", Transformation.class);
        require(options, definition(options, made, Transformation::config), given);
        configure(options, made, it -> it.configure(given));
        return new Step(options.substring(0, options.length() - 1), made, only(options, given, predicates));
    }

    @SuppressWarnings("unchecked")
    private Plugin<Predicate<SourceRecord>> predicate(String options) throws ChainException {
        Plugin<Predicate<SourceRecord>> made =
                (Plugin<Predicate<SourceRecord>>) (Plugin<?>) make(options + "type", Predicate.class);
        Map<String, String> given = given(options);
        require(options, definition(options, made, Predicate::config), given);
        configure(options, made, it -> it.configure(given));
        return made;
    }

    private Optional<Only> only(
            String options, Map<String, String> given, Map<String, Plugin<Predicate<SourceRecord>>> predicates)
            throws ChainException {
        boolean negated;
        try {
            negated = Boolean.TRUE.equals(ConfigDef.parseType(
                    settings.prefix() + options + "negate",
                    given.getOrDefault("negate", "false"),
                    ConfigDef.Type.BOOLEAN));
        } catch (ConfigException e) {
            throw ChainException.of(String.valueOf(e.getMessage()), e);
        }
        String name = given.get("predicate");
        if (name == null) {
            if (given.containsKey("negate")) {
                throw ChainException.of(settings.prefix() + options + "negate: there is no " + settings.prefix()
                        + options + "predicate that it would negate");
            }
            return Optional.empty();
        }
        Plugin<Predicate<SourceRecord>> predicate = predicates.get(name);
        if (predicate == null) {
            throw ChainException.of("Invalid value " + name + " for configuration " + settings.prefix() + options
                    + "predicate: " + settings.prefix() + "predicates names "
                    + (settings.predicates().isEmpty() ? "none" : String.join(", ", settings.predicates())));
        }
        return Optional.of(new Only(predicate, negated));
    }

    Converters converters() throws ChainException {
        return new Converters(
                converter("key.converter", ConverterType.KEY),
                converter("value.converter", ConverterType.VALUE),
                headerConverter());
    }

    private Plugin<Converter> converter(String key, ConverterType type) throws ChainException {
        boolean chosen = settings.options().containsKey(key);
        Plugin<Converter> made = make(key, settings.options().getOrDefault(key, JSON), Converter.class);
        Map<String, String> given = given(key + ".");
        if (!chosen) {
            given.putIfAbsent("schemas.enable", "false");
        }
        given.put(ConverterConfig.TYPE_CONFIG, type.getName());
        require(key + ".", definition(key + ".", made, Converter::config), given);
        configure(key + ".", made, it -> it.configure(given, type == ConverterType.KEY));
        return made;
    }

    private Plugin<HeaderConverter> headerConverter() throws ChainException {
        String key = "header.converter";
        String type = settings.options().getOrDefault(key, SimpleHeaderConverter.class.getName());
        Plugin<HeaderConverter> made = make(key, type, HeaderConverter.class);
        Map<String, String> given = given(key + ".");
        given.put(ConverterConfig.TYPE_CONFIG, ConverterType.HEADER.getName());
        require(key + ".", definition(key + ".", made, HeaderConverter::config), given);
        configure(key + ".", made, it -> it.configure(given));
        return made;
    }

    private <T> Plugin<T> make(String key, Class<T> kind) throws ChainException {
        return make(key, Objects.requireNonNull(settings.options().get(key), key), kind);
    }

    private <T> Plugin<T> make(String key, String type, Class<T> kind) throws ChainException {
        Plugin<T> plugin = plugins.make(settings.prefix() + key, type, kind);
        made.put(settings.prefix() + key, plugin);
        return plugin;
    }

    /** All that was made, whatever came of it. */
    @Override
    public void close() {
        made.forEach((option, plugin) -> plugin.close(option));
        made.clear();
    }

    /** By key behind {@code options}. */
    private Map<String, String> given(String options) {
        var given = new HashMap<String, String>();
        settings.options().forEach((key, value) -> {
            if (key.startsWith(options)) {
                given.put(key.substring(options.length()), value);
            }
        });
        return given;
    }

    private <T> ConfigDef definition(String options, Plugin<T> plugin, Function<T, ConfigDef> config)
            throws ChainException {
        ConfigDef definition;
        try {
            definition = plugin.call(config);
        } catch (RuntimeException | LinkageError e) {
            throw unusable(options, plugin, e);
        }
        if (definition == null) { // whatever its interface promises
            throw ChainException.of(
                    named(options, plugin) + " does not say which options it has: its config() returns null");
        }
        for (String option : given(options).keySet()) {
            if (!OF_CONNECT.contains(option) && !definition.configKeys().containsKey(option)) {
                log.warn(
                        "{}{}{} is no option that its class names, and may have no effect",
                        settings.prefix(),
                        options,
                        option);
            }
        }
        return definition;
    }

    /** As Connect checks a connector's configuration, with the whole key in what it says. */
    private void require(String options, ConfigDef definition, Map<String, String> given) throws ChainException {
        var whole = new ConfigDef();
        // Not embedded: what an embedded validator says has the key's end alone.
        definition
                .configKeys()
                .forEach((option, key) -> whole.define(
                        settings.prefix() + options + option,
                        key.type,
                        key.defaultValue,
                        key.validator,
                        key.importance,
                        key.documentation));
        var named = new HashMap<String, String>();
        given.forEach((option, value) -> named.put(settings.prefix() + options + option, value));
        List<String> problems = whole.validate(named).stream()
                .flatMap(value -> value.errorMessages().stream()
                        .limit(1) // the next ones come of the first
                        .map(said -> said.contains(value.name()) ? said : value.name() + ": " + said))
                .toList();
        if (!problems.isEmpty()) {
            throw ChainException.of(String.join("; ", problems));
        }
    }

    private <T> void configure(String options, Plugin<T> plugin, Consumer<T> call) throws ChainException {
        try {
            plugin.run(call);
        } catch (RuntimeException | LinkageError e) {
            throw unusable(options, plugin, e);
        }
    }

    private ChainException unusable(String options, Plugin<?> plugin, Throwable e) {
        String said = e.getMessage() == null ? e.toString() : e.getMessage();
        return ChainException.of(named(options, plugin) + " cannot be configured: " + said, e);
    }

    private String named(String options, Plugin<?> plugin) {
        return settings.prefix() + options.substring(0, options.length() - 1) + " (" + plugin.className() + ")";
    }
}
