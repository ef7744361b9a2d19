package io.paillette.broker.config;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * A text in the format of {@link Properties#load}, with the line number of each entry. {@link Properties} itself reads each
 * entry, so escapes mean what they mean everywhere.
 */
record PropertiesText(List<Entry> entries) {

    record Entry(int line, String key, String value) {}

    static PropertiesText parse(String text) {
        var entries = new ArrayList<Entry>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            var logical = new StringBuilder(lines.get(i));
            while (!isComment(lines.get(first)) && endsInBackslash(lines.get(i)) && i + 1 < lines.size()) {
                i++;
                logical.append('\n').append(lines.get(i));
            }
            read(logical.toString()).forEach((key, value) -> entries.add(new Entry(first + 1, "" + key, "" + value)));
        }
        return new PropertiesText(entries);
    }

    /** A line that is read as this entry, whatever is in it. */
    static String line(String key, String value) {
        return escaped(key).replace(" ", "\\ ").replace(":", "\\:").replace("=", "\\=") + "=" + escaped(value);
    }

    private static String escaped(String text) {
        String escaped = text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replace("\f", "\\f");
        return escaped.startsWith(" ") ? "\\" + escaped : escaped;
    }

    private static boolean isComment(String line) {
        String text = line.stripLeading();
        return text.startsWith("#") || text.startsWith("!");
    }

    /** An odd number of backslashes: the last one is not itself escaped. */
    private static boolean endsInBackslash(String line) {
        int count = 0;
        while (count < line.length() && line.charAt(line.length() - 1 - count) == '\\') {
            count++;
        }
        return count % 2 == 1;
    }

    private static Properties read(String logicalLine) {
        var properties = new Properties();
        try {
            properties.load(new StringReader(logicalLine));
        } catch (IOException e) {
            throw new UncheckedIOException("reading a string cannot fail", e);
        }
        return properties;
    }
}
