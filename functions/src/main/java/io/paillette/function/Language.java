package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What functions are written in, as the name of their file says, and how they are a text where there is no file. */
public enum Language {
    JAVASCRIPT(".js"),
    LUA(".lua"),
    WASM(".wasm");

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private final String ending;

    Language(String ending) {
        this.ending = ending;
    }

    /** As the end of a file's name says. */
    public static Optional<Language> of(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(language -> name.endsWith(language.ending))
                .findFirst();
    }

    /** As it is called in a configuration. */
    public static Optional<Language> named(String name) {
        return Arrays.stream(values())
                .filter(language -> language.name().equalsIgnoreCase(name))
                .findFirst();
    }

    static String endings() {
        return Arrays.stream(values()).map(language -> language.ending).collect(Collectors.joining(", "));
    }

    public String ending() {
        return ending;
    }

    /**
     * What a file would have of which this is the text: of a module, which is none, in base64, with or without breaks of lines.
     *
     * @throws IllegalArgumentException saying what the text has to be
     */
    public byte[] content(String text) {
        if (this != WASM) {
            return text.getBytes(UTF_8);
        }
        try {
            return Base64.getDecoder().decode(BLANKS.matcher(text).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a module of WebAssembly has to be given in base64, as base64 FILE prints it: " + e.getMessage(),
                    e);
        }
    }

    /**
     * The other way round.
     *
     * @throws CharacterCodingException where it is to be a text in UTF-8, and is none
     */
    public String text(byte[] content) throws CharacterCodingException {
        return this == WASM
                ? Base64.getEncoder().encodeToString(content)
                : UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString().strip();
    }
}
