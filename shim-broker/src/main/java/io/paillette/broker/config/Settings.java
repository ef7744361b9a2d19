package io.paillette.broker.config;

import io.paillette.capture.CaptureOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the user wrote, by key, with every key known; file first, overrides over it. Values of secret keys are already
 * fetched from where {@code file:} or {@code env:} says.
 */
final class Settings {

    private final Map<String, Setting> byKey = new LinkedHashMap<>();
    private final List<String> problems;

    private Settings(List<String> problems) {
        this.problems = problems;
    }

    /** Problems are added to {@code problems}; what has one is left out. */
    static Settings read(ConfigInput input, List<String> problems) {
        var settings = new Settings(problems);
        settings.readFile(input.file(), input.home());
        settings.readOverrides(input.overrides(), input.workingDirectory());
        settings.refuseUnknownKeys();
        settings.fetchSecrets(input);
        return settings;
    }

    /** Of what comes otherwise than from a file, and names no secret. */
    static Settings of(Map<String, String> given, List<String> problems) {
        var settings = new Settings(problems);
        given.forEach((key, value) -> settings.put(new Setting(key, value.strip(), "", Path.of(""))));
        settings.refuseUnknownKeys();
        return settings;
    }

    Optional<Setting> find(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** Value of {@code key}, or {@code otherwise}. */
    String valueOr(String key, String otherwise) {
        return find(key).map(Setting::value).orElse(otherwise);
    }

    Iterable<Setting> all() {
        return byKey.values();
    }

    /** For messages: the key, and where it was written. */
    String describe(String key) {
        return find(key).map(Setting::toString).orElse(key);
    }

    private void readFile(Path file, Path home) {
        var lines = new LinkedHashMap<String, Integer>();
        for (PropertiesText.Entry entry : text(file).entries()) {
            Integer before = lines.putIfAbsent(entry.key(), entry.line());
            if (before != null) {
                problems.add("\"" + entry.key() + "\" is set twice in " + file + ", on lines " + before + " and "
                        + entry.line() + ": remove one of them");
            }
            put(new Setting(entry.key(), entry.value().strip(), "line " + entry.line() + " of " + file, home));
        }
    }

    private PropertiesText text(Path file) {
        try {
            return PropertiesText.parse(Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            problems.add(
                    "there is no configuration file " + file + ": give the path of one, or none for the quickstart");
        } catch (IOException e) {
            problems.add("the configuration file " + file + " cannot be read (" + e
                    + "): check its permissions and that " + "it is UTF-8 text");
        } catch (IllegalArgumentException e) {
            problems.add("the configuration file " + file + " is not a properties file: " + e.getMessage());
        }
        return new PropertiesText(List.of());
    }

    private void readOverrides(List<String> overrides, Path workingDirectory) {
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals <= 0) {
                problems.add("--set " + override + " has no value: write --set KEY=VALUE");
            } else {
                String key = override.substring(0, equals).strip();
                put(new Setting(key, override.substring(equals + 1).strip(), "--set", workingDirectory));
            }
        }
    }

    private void put(Setting setting) {
        byKey.put(setting.key(), setting);
    }

    private void refuseUnknownKeys() {
        var fixed = BrokerKeys.definition().names();
        for (Setting setting : List.copyOf(byKey.values())) {
            String key = setting.key();
            Optional<FeedKeys.Name> name = FeedKeys.Name.parse(key);
            boolean known = fixed.contains(key)
                    || name.flatMap(FeedKeys.Name::captureOption).isPresent()
                    || name.filter(FeedKeys.Name::isColumnOption).isPresent()
                    || name.filter(FeedKeys.Name::isTopicConfig).isPresent()
                    || name.filter(FeedKeys.Name::isPluginOption).isPresent()
                    || name.filter(FeedKeys.Name::isRouteHeader).isPresent()
                    || name.flatMap(FeedKeys.Name::sequenceOption).isPresent();
            if (!known) {
                var candidates = new ArrayList<>(fixed);
                name.ifPresent(parts -> candidates.addAll(parts.candidates()));
                problems.add("unknown key \"" + key + "\"" + setting.where() + ": "
                        + name.flatMap(FeedKeys.Name::elsewhere)
                                .or(() -> NearestName.of(key, candidates)
                                        .map(nearest -> "did you mean \"" + nearest + "\"?"))
                                .orElse("docs/config.md lists every key"));
                byKey.remove(key);
            }
        }
    }

    private void fetchSecrets(ConfigInput input) {
        for (Setting setting : List.copyOf(byKey.values())) {
            if (isSecret(setting.key())) {
                String value = secret(setting, input);
                if (value == null) {
                    byKey.remove(setting.key());
                } else {
                    put(new Setting(setting.key(), value, setting.origin(), setting.base()));
                }
            }
        }
    }

    private static boolean isSecret(String key) {
        return key.equals(BrokerKeys.STORE_PASSWORD)
                || key.equals(BrokerKeys.HTTP_TOKEN)
                || FeedKeys.Name.parse(key)
                        .flatMap(FeedKeys.Name::captureOption)
                        .filter(option -> option.type() == CaptureOption.Type.PASSWORD)
                        .isPresent();
    }

    private @Nullable String secret(Setting setting, ConfigInput input) {
        String written = setting.value();
        if (written.startsWith("env:")) {
            String variable = written.substring("env:".length());
            String value = input.environment().apply(variable);
            if (value == null) {
                problems.add(setting + " names the environment variable " + variable + ", which is not set");
            }
            return value;
        }
        if (written.startsWith("file:")) {
            Path path = setting.base().resolve(written.substring("file:".length()));
            try {
                return Files.readString(path, StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                problems.add(setting + " names the file " + path + ", which cannot be read (" + e + ")");
                return null;
            }
        }
        return written;
    }
}
