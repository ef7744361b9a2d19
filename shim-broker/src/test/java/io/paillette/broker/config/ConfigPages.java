package io.paillette.broker.config;

import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.column.ColumnOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** The texts that are generated from the key definitions: docs/config.md and config/shim-broker.properties. */
final class ConfigPages {

    private static final int COLUMNS = 118;

    private ConfigPages() {}

    static String markdown() {
        var page = new StringBuilder(
                """
                # Configuration

                <!-- Generated from BrokerKeys, FeedKeys and CaptureOption; ConfigPagesTest says how. -->

                One properties file, given to `./paillette up FILE`; without one it is `config/quickstart.properties`.
                `--set KEY=VALUE` goes over the file and may be repeated. A key that is not on this page stops the start.
                `config/shim-broker.properties` is this page as a file.
                """);
        byGroup().forEach((group, keys) -> {
            page.append("\n## ")
                    .append(group)
                    .append("\n\n| key | type | default | what it does |\n|---|---|---|---|\n");
            for (ConfigKey key : keys) {
                row(page, key.name, type(key), defaultText(key), key.documentation);
            }
        });
        page.append(
                """

                ## Sources: `source.<name>.<option>`

                A source is one Postgres database that is captured; `<name>` begins the names of its topics. `url` may be
                `store`: the store's own database. `password` takes `file:PATH` and `env:NAME` as `store.password` does.

                | option | type | default | what it does |
                |---|---|---|---|
                """);
        for (CaptureOption option : CaptureOption.values()) {
            row(
                    page,
                    option.key(),
                    option.choices().isEmpty()
                            ? option.type().name().toLowerCase(Locale.ROOT)
                            : String.join(", ", option.choices()),
                    option.defaultValue().orElse("must be given"),
                    option.doc());
        }
        page.append(
                """

                These have something in the middle of their name and may be given several times, as in
                `source.app.%s=public.customers.email`. Of several that name a column the first in this order counts.

                | option | what it does |
                |---|---|
                """
                        .formatted(ColumnOption.HASH_V2.example()));
        for (ColumnOption option : ColumnOption.values()) {
            page.append("| `%s` | %s |\n".formatted(option.form(), option.doc()));
        }
        page.append(
                """

                ## Sequences: `sequence.<name>.<option>`

                Every captured table has a topic `<source>.<schema>.<table>`. A sequence is needed only where that should differ. A table that
                several sequences name goes to each of them, and to its own topic only when none names it. Each of
                Kafka's topic configs is an option too, as in `sequence.orders.retention.ms=3600000`: the topic is made with it.

                | option | default | what it does |
                |---|---|---|
                """);
        for (SequenceOption option : SequenceOption.values()) {
            page.append("| `%s` | %s | %s |\n"
                    .formatted(option.key(), option.defaultText().orElse("must be given"), option.doc()));
        }
        return page.toString().replace("| source | must be given", "| source | the only source");
    }

    static String sampleFile() {
        var page = new StringBuilder(
                """
                # Every key of the broker with its default. Generated from the key definitions; ConfigPagesTest says how.
                # What is commented out is the default already. docs/config.md is the same as a page.
                """);
        byGroup().forEach((group, keys) -> {
            page.append("\n# ---- ").append(group).append(" ----\n");
            for (ConfigKey key : keys) {
                comment(page, key.documentation);
                page.append("#")
                        .append(key.name)
                        .append('=')
                        .append(plainDefault(key))
                        .append('\n');
            }
        });
        page.append("\n# ---- Sources: source.<name>.<option>, here a source called app ----\n");
        for (CaptureOption option : CaptureOption.values()) {
            comment(page, option.doc());
            page.append("#source.app.").append(option.key()).append('=');
            page.append(
                            option == CaptureOption.URL
                                    ? FeedKeys.STORE
                                    : option.defaultValue().orElse(""))
                    .append('\n');
        }
        for (ColumnOption option : ColumnOption.values()) {
            comment(page, option.doc());
            page.append("#source.app.").append(option.example()).append("=\n");
        }
        page.append("\n# ---- Sequences: sequence.<name>.<option>, here a sequence called orders ----\n");
        for (SequenceOption option : SequenceOption.values()) {
            comment(page, option.doc());
            page.append("#sequence.orders.")
                    .append(option.key())
                    .append('=')
                    .append(example(option))
                    .append('\n');
        }
        return page.toString();
    }

    private static String example(SequenceOption option) {
        return switch (option) {
            case SOURCE -> "app";
            case TABLES -> "public.orders";
            case TOPIC -> "orders";
            case PARTITIONS -> "1";
            case ENVELOPE -> "debezium";
            case WHERE -> "";
            case OPERATIONS -> "read,insert,update,delete,truncate";
            case COLUMNS,
                    KEY,
                    ROUTE_TOPIC,
                    ROUTE_KEY,
                    ROUTE_PARTITION,
                    ENRICH,
                    FUNCTIONS,
                    FUNCTIONS_TEXT,
                    TRANSFORMS,
                    PREDICATES,
                    DEAD_LETTER_TOPIC -> "";
            case ENRICH_INTO,
                    KEY_CONVERTER,
                    VALUE_CONVERTER,
                    HEADER_CONVERTER,
                    ERRORS_TOLERANCE,
                    DEAD_LETTER_HEADERS,
                    RETRY_TIMEOUT,
                    RETRY_DELAY_MAX -> option.defaultText().orElseThrow();
        };
    }

    private static Map<String, List<ConfigKey>> byGroup() {
        var groups = new LinkedHashMap<String, List<ConfigKey>>();
        ConfigDef definition = BrokerKeys.definition();
        definition.configKeys().values().stream()
                .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                .forEach(key -> groups.computeIfAbsent(key.group, group -> new ArrayList<>())
                        .add(key));
        return groups;
    }

    private static void row(StringBuilder page, String key, String type, String defaultText, String doc) {
        page.append("| `%s` | %s | %s | %s |\n"
                .formatted(key, type, defaultText.isEmpty() ? "(empty)" : "`" + defaultText + "`", doc.strip()));
    }

    private static String type(ConfigKey key) {
        String type = key.type.name().toLowerCase(Locale.ROOT);
        return key.validator == null ? type : type + ", " + key.validator;
    }

    private static String defaultText(ConfigKey key) {
        return key.defaultValue == null ? "not set" : plainDefault(key);
    }

    private static String plainDefault(ConfigKey key) {
        if (key.defaultValue == null) {
            return "";
        }
        if (key.type == ConfigDef.Type.PASSWORD) {
            return "";
        }
        return ConfigDef.convertToString(key.defaultValue, key.type);
    }

    private static void comment(StringBuilder page, String doc) {
        var line = new StringBuilder("#");
        for (String word : doc.strip().split("\\s+", -1)) {
            if (line.length() + 1 + word.length() > COLUMNS) {
                page.append(line).append('\n');
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        page.append(line).append('\n');
    }
}
