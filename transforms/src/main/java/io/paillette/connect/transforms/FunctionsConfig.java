package io.paillette.connect.transforms;

import io.paillette.function.Language;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The options of the transformation. Whether the file is there is asked of the worker that is asked, whether it compiles of the task. */
final class FunctionsConfig {

    static final String FUNCTIONS = "functions";
    static final String TEXT = "functions.text";
    static final String LANGUAGE = "functions.language";
    static final String NULLS = "null.handling.mode";

    private static final String JAVASCRIPT = "javascript";
    private static final String GROUP = "Functions";

    private final AbstractConfig values;

    /** @throws ConfigException naming the option and what is expected of it */
    FunctionsConfig(Map<String, ?> properties) {
        this.values = new AbstractConfig(definition(), properties, false);
    }

    /** What is to be compiled. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Source(String name, byte[] content) {}

    static ConfigDef definition() {
        return new ConfigDef()
                .define(
                        FUNCTIONS,
                        ConfigDef.Type.STRING,
                        "",
                        FunctionsConfig::requireReadable,
                        Importance.HIGH,
                        "A file that defines any of filter, transform and route, in JavaScript (.js), Lua (.lua) or, compiled to"
                                + " WebAssembly (.wasm), Go and others. It has to be there on each worker.",
                        GROUP,
                        1,
                        Width.LONG,
                        "File of functions")
                .define(
                        TEXT,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.HIGH,
                        "The functions themselves, in place of a file: they come to each worker with the configuration.",
                        GROUP,
                        2,
                        Width.LONG,
                        "Functions")
                .define(
                        LANGUAGE,
                        ConfigDef.Type.STRING,
                        JAVASCRIPT,
                        ConfigDef.ValidString.in(JAVASCRIPT, "lua", "wasm"),
                        Importance.MEDIUM,
                        "What functions.text is: javascript, lua or wasm, which is a module of WebAssembly in base64.",
                        GROUP,
                        3,
                        Width.SHORT,
                        "Language")
                .define(
                        NULLS,
                        ConfigDef.Type.STRING,
                        NullHandling.KEEP.text(),
                        ConfigDef.ValidString.in(NullHandling.texts()),
                        Importance.MEDIUM,
                        "What becomes of records whose value is null, as tombstones are. keep: they go on as they are. drop: they are"
                                + " left out. evaluate: the functions are called, with null for all four.",
                        GROUP,
                        4,
                        Width.SHORT,
                        "Null handling");
    }

    private static void requireReadable(String option, Object value) {
        String file = value == null ? "" : value.toString();
        if (!file.isEmpty() && !Files.isReadable(path(file))) {
            throw new ConfigException(
                    option,
                    value,
                    "cannot be read on this worker: give the path of a file that is there on each of them");
        }
    }

    private static Path path(String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new ConfigException(FUNCTIONS, file, "is no path: " + e.getMessage());
        }
    }

    NullHandling nulls() {
        return NullHandling.of(values.getString(NULLS));
    }

    Source source() {
        String file = values.getString(FUNCTIONS);
        String text = values.getString(TEXT);
        if (file.isEmpty() == text.isEmpty()) {
            throw new ConfigException(
                    FUNCTIONS,
                    file,
                    file.isEmpty()
                            ? "name a file of functions, or give their text as " + TEXT
                            : "there are functions in " + TEXT + " as well: leave one of them out");
        }
        if (file.isEmpty()) {
            return written(Language.named(values.getString(LANGUAGE)).orElseThrow(), text);
        }
        if (!values.getString(LANGUAGE).equals(JAVASCRIPT)) {
            throw new ConfigException(
                    LANGUAGE,
                    values.getString(LANGUAGE),
                    "is that of " + TEXT + ": of a file the end of its name says it");
        }
        Path path = path(file);
        try {
            return new Source(String.valueOf(path.getFileName()), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new ConfigException(FUNCTIONS, file, "cannot be read: " + e);
        }
    }

    private static Source written(Language language, String text) {
        try {
            return new Source("functions" + language.ending(), language.content(text));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(TEXT + ": " + e.getMessage());
        }
    }
}
