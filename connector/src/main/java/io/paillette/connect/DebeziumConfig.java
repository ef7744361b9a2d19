package io.paillette.connect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A configuration that may have been written for Debezium, in our names.
 *
 * @param properties ours
 * @param notes      what became of Debezium's properties, a sentence each
 * @param refused    properties that ask for what there is not, with why
 * @param parameters of the JDBC URL, beside those it has
 */
record DebeziumConfig(
        Map<String, String> properties,
        List<String> notes,
        Map<String, String> refused,
        Map<String, String> parameters) {

    private static final String SSL = "database.ssl";

    /** Not escaped. */
    private static final Pattern ANCHOR = Pattern.compile("(?<!\\\\)[$^]");

    static DebeziumConfig of(Map<String, String> given) {
        return new Reading(given).read();
    }

    /** Reads one configuration. */
    private static final class Reading {

        private final Map<String, String> given;
        private final Map<String, String> ours;
        private final List<String> notes = new ArrayList<>();
        private final Map<String, String> refused = new TreeMap<>();
        private final Map<String, String> ssl = new TreeMap<>();

        Reading(Map<String, String> given) {
            this.given = given;
            this.ours = new LinkedHashMap<>(given);
        }

        DebeziumConfig read() {
            new TreeMap<>(given).forEach((key, value) -> {
                Optional<DebeziumProperty> property = DebeziumProperty.of(key, value);
                if (property.isPresent()) {
                    apply(property.get(), key, value);
                } else if (DebeziumProperty.isKnown(key) && !key.equals("snapshot.mode")) {
                    ours.remove(key);
                }
            });
            if (!ssl.isEmpty()) {
                notes.add(SSL + "* become parameters of the URL: " + String.join(", ", ssl.keySet()));
            }
            return new DebeziumConfig(
                    Map.copyOf(ours), List.copyOf(notes), Collections.unmodifiableMap(refused), Map.copyOf(ssl));
        }

        private void apply(DebeziumProperty property, String key, String value) {
            switch (property.fate()) {
                case REFUSED -> refused.put(key, property.why());
                case IGNORED -> {
                    ours.remove(key);
                    notes.add(key + " is ignored: " + property.why());
                }
                case MAPPED -> map(property, key, value);
            }
        }

        private void map(DebeziumProperty property, String key, String value) {
            switch (property) {
                case SCHEMA_INCLUDE -> schemas(key, value, "table.include.list");
                case SCHEMA_EXCLUDE -> schemas(key, value, "table.exclude.list");
                case SNAPSHOT_MODE -> snapshotMode(value);
                case SSL -> {
                    ours.remove(key);
                    ssl.put(key.substring("database.".length()), value);
                }
                default -> throw new IllegalStateException(property + " is mapped, and not said to what");
            }
        }

        /** Schemas are whole tables of theirs; with tables named as well both must fit, which one expression can say. */
        private void schemas(String key, String value, String list) {
            ours.remove(key);
            if (value.isBlank()) {
                return;
            }
            if (ANCHOR.matcher(value).find()) {
                refused.put(
                        key,
                        "it becomes part of " + list + ", where ^ and $ mean another place: an expression is for a"
                                + " whole name without them");
                return;
            }
            String tables = ours.getOrDefault(list, "");
            String schema = alternatives(value);
            String both = list.equals("table.exclude.list")
                    ? joined(tables, schema + "\\..*")
                    : tables.isBlank() ? schema + "\\..*" : "(?=" + schema + "\\.)" + alternatives(tables);
            ours.put(list, both);
            notes.add(key + "=" + value + " becomes " + list + "=" + both);
        }

        private static String joined(String before, String more) {
            return before.isBlank() ? more : before + "," + more;
        }

        private static String alternatives(String list) {
            return List.of(list.split("(?<!\\\\),", -1)).stream()
                    .map(String::strip)
                    .filter(regex -> !regex.isEmpty())
                    .collect(Collectors.joining("|", "(?:", ")"));
        }

        private void snapshotMode(String given) {
            String mode = given.strip().toLowerCase(Locale.ROOT);
            if (mode.equals("never")) {
                ours.put("snapshot.mode", "no_data");
                notes.add("snapshot.mode=never becomes no_data");
            } else if (mode.equals("when_needed")) {
                ours.put("snapshot.mode", "initial");
                ours.putIfAbsent("on.slot.loss", "resnapshot");
                notes.add("snapshot.mode=when_needed becomes initial with on.slot.loss=resnapshot");
            }
        }
    }
}
