package io.paillette.function;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What functions are written in, as the name of their file says. */
enum Language {
    JAVASCRIPT(".js"),
    LUA(".lua"),
    WEBASSEMBLY(".wasm");

    private final String ending;

    Language(String ending) {
        this.ending = ending;
    }

    static Optional<Language> of(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(language -> name.endsWith(language.ending))
                .findFirst();
    }

    static String endings() {
        return Arrays.stream(values()).map(language -> language.ending).collect(Collectors.joining(", "));
    }
}
