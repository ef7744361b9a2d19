package io.paillette.broker.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The statements of one file under {@code sql/query}, each headed by {@code -- name: x}. Asking for a name that is not there
 * fails at once, so ask when the adapter is built.
 */
public record NamedQueries(String file, Map<String, String> statements) {

    private static final String HEADER = "-- name: ";

    public NamedQueries {
        statements = Map.copyOf(statements);
    }

    public static NamedQueries load(String file) {
        try (InputStream in = NamedQueries.class.getResourceAsStream("/sql/query/" + file)) {
            if (in == null) {
                throw new IllegalStateException("no resource sql/query/" + file);
            }
            return new NamedQueries(file, parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("sql/query/" + file + " could not be read", e);
        }
    }

    public String get(String name) {
        String sql = statements.get(name);
        if (sql == null) {
            throw new IllegalArgumentException("no statement \"" + name + "\" in sql/query/" + file);
        }
        return sql;
    }

    private static Map<String, String> parse(String text) {
        var found = new LinkedHashMap<String, StringBuilder>();
        StringBuilder current = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (line.startsWith(HEADER)) {
                current = new StringBuilder();
                found.put(line.substring(HEADER.length()).strip(), current);
            } else if (!line.startsWith("--")) {
                current.append(line).append('\n');
            }
        }
        var statements = new LinkedHashMap<String, String>();
        found.forEach((name, sql) -> statements.put(name, sql.toString().strip()));
        return statements;
    }
}
