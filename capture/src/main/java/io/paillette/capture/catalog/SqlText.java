package io.paillette.capture.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** SQL kept in resource files, and the quoting of what is put into it where the protocol takes no parameters. */
public final class SqlText {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

    private SqlText() {}

    /** The text of {@code sql/<name>.sql}. */
    public static String load(String name) {
        String path = "/io/paillette/capture/sql/" + name + ".sql";
        try (InputStream in = SqlText.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + path);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " could not be read", e);
        }
    }

    /** Replaces each {@code ${key}} by its value, which must already be quoted and in which nothing is replaced. */
    public static String fill(String template, Map<String, String> values) {
        return PLACEHOLDER.matcher(template).replaceAll(found -> {
            String value = values.get(found.group(1));
            return Matcher.quoteReplacement(value == null ? found.group() : value);
        });
    }

    /** A string literal whatever {@code standard_conforming_strings} says (docs: String Constants with C-style Escapes). */
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }

    public static String array(List<String> items) {
        return items.stream().map(SqlText::literal).collect(Collectors.joining(", ", "ARRAY[", "]::text[]"));
    }

    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
