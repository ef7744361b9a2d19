package io.paillette.broker.config;

import io.paillette.capture.CaptureOption;
import io.paillette.capture.column.ColumnOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** The keys that have a name in the middle: {@code source.<name>.<option>} and {@code sequence.<name>.<option>}. */
public final class FeedKeys {

    public static final String SOURCE = "source";
    public static final String SEQUENCE = "sequence";

    /** Value of {@code source.<name>.url} that stands for the store's own database. */
    public static final String STORE = "store";

    /** Before the name of a header. */
    static final String ROUTE_HEADERS = "route.headers.";

    private static final List<String> PLUGIN_OPTIONS = Stream.of(
                    SequenceOption.TRANSFORMS,
                    SequenceOption.PREDICATES,
                    SequenceOption.KEY_CONVERTER,
                    SequenceOption.VALUE_CONVERTER,
                    SequenceOption.HEADER_CONVERTER)
            .map(option -> option.key() + ".")
            .toList();

    private FeedKeys() {}

    /** Options of a sequence: a topic fed from tables, where it differs from {@code <source>.<schema>.<table>}. */
    public enum SequenceOption {
        SOURCE("source", null, "Source it is fed from. May be left out when there is only one."),
        TABLES("tables", null, "Tables whose changes go to it: comma-separated patterns schema.table."),
        TOPIC("topic", "the sequence's name", "Name of the Kafka topic."),
        PARTITIONS("partitions", "num.partitions", "Number of partitions; a record's key chooses among them."),
        ENVELOPE(
                "envelope",
                "debezium",
                "Shape of a record's value: debezium, change (Sequin's record, changes, action and metadata), row (the newest"
                        + " row alone, a tombstone when it is gone: the topic is compacted) or wal2json (its format 2)."),
        WHERE(
                "where",
                "(empty)",
                "An SQL condition on each change, which the source's Postgres evaluates; those that do not meet it are not told."
                        + " A name is that of a column of the new row, or of the old one where it was deleted; new.name and"
                        + " old.name are NULL where there is no such row. old of an update needs REPLICA IDENTITY FULL. See"
                        + " docs/guides/filter.md."),
        OPERATIONS(
                "operations",
                "read, insert, update, delete, truncate",
                "Changes that are told, comma-separated. read: rows that were there before, or are read once more."),
        COLUMNS(
                "columns",
                "all",
                "Columns that are told, comma-separated, as far as a table has them. The key is told whatever is said here."),
        KEY(
                "key",
                "the table's",
                "Columns that are the key of its messages, comma-separated, in this order. Updates and deletes carry other columns"
                        + " than the primary key's only with REPLICA IDENTITY FULL."),
        ROUTE_TOPIC(
                "route.topic",
                "(empty)",
                "An SQL expression over the same names as where: its text is the topic of the message, which is that of a sequence of"
                        + " the same source or a name like source.schema.table; NULL is the sequence's own. See docs/guides/filter.md."),
        ROUTE_KEY(
                "route.key",
                "(empty)",
                "One whose text is the key of the message, NULL a message without one. route.headers.NAME is one whose text is a"
                        + " header called NAME."),
        ROUTE_PARTITION(
                "route.partition",
                "(empty)",
                "One that is the number of the partition, from 0; where it is NULL the key chooses."),
        ENRICH(
                "enrich",
                "(empty)",
                "A query of the source's Postgres for what else is told of each change, as in select o.id, c.name from orders o join"
                        + " customers c on c.id = o.customer_id where o.id = any($1). $1 is an array of the keys of many messages, of"
                        + " a key of several columns $1, $2, ... one of each; its columns that are called as the key's say of which"
                        + " message a row is. See docs/guides/enrich.md."),
        ENRICH_INTO(
                "enrich.into",
                "value",
                "Where its other columns go. value: a field enrichment, in the envelope change of metadata. headers: a header of each,"
                        + " as text. Functions and transformations have it already."),
        FUNCTIONS(
                "functions",
                "(empty)",
                "A file that defines any of filter, transform and route, which are called with each change, in JavaScript (.js),"
                        + " Lua (.lua) or, compiled to WebAssembly (.wasm), Go and others; the envelope has to be change."
                        + " A relative path is as that of data.dir. See docs/guides/transform.md."),
        FUNCTIONS_TEXT(
                "functions.text",
                "(empty)",
                "The JavaScript itself, in place of a file of it: what a sequence made over HTTP has."),
        TRANSFORMS(
                "transforms",
                "(empty)",
                "Kafka Connect's transformations that each record goes through, comma-separated names of yours, in this order;"
                        + " transforms.NAME.type is the class of one, transforms.NAME.predicate, transforms.NAME.negate and"
                        + " transforms.NAME.OPTION are as in Connect. The envelope has to be debezium, change or row. See"
                        + " docs/guides/transform.md."),
        PREDICATES(
                "predicates",
                "(empty)",
                "Names of the predicates that transformations refer to; predicates.NAME.type and predicates.NAME.OPTION as in"
                        + " Connect."),
        KEY_CONVERTER(
                "key.converter",
                "org.apache.kafka.connect.json.JsonConverter",
                "What makes bytes of a record's key behind the transformations; key.converter.OPTION are its options. Where none is"
                        + " given it is JsonConverter with schemas.enable=false."),
        VALUE_CONVERTER(
                "value.converter",
                "org.apache.kafka.connect.json.JsonConverter",
                "The same of its value. A converter may be given without any transformation."),
        HEADER_CONVERTER(
                "header.converter",
                "org.apache.kafka.connect.storage.SimpleHeaderConverter",
                "The same of its headers."),
        ERRORS_TOLERANCE(
                "errors.tolerance",
                "none",
                "What becomes of a change for which the condition, a function, a transformation or a converter of the sequence fails."
                        + " none: the sequence stops there. all: it goes to the dead letter topic, which has to be named, and the sequence"
                        + " goes on."),
        DEAD_LETTER_TOPIC(
                "errors.deadletterqueue.topic.name",
                "(empty)",
                "Topic for such changes, in the sequence's envelope as JSON. Sequences of one source may share it; producers may not"
                        + " write to it."),
        DEAD_LETTER_HEADERS(
                "errors.deadletterqueue.context.headers.enable",
                "false",
                "Whether records of that topic say in headers __connect.errors.* what has failed, and why."),
        RETRY_TIMEOUT(
                "errors.retry.timeout",
                "0",
                "For how many milliseconds a change that something fails for is tried again, before errors.tolerance says what becomes of"
                        + " it. Meanwhile the sequence stands there, and its source goes on for the others. -1: without end."),
        RETRY_DELAY_MAX(
                "errors.retry.delay.max.ms",
                "60000",
                "The longest pause between two such tries, in milliseconds. Pauses begin with 300 ms and double.");

        private final String key;
        private final @Nullable String defaultText;
        private final String doc;

        SequenceOption(String key, @Nullable String defaultText, String doc) {
            this.key = key;
            this.defaultText = defaultText;
            this.doc = doc;
        }

        public String key() {
            return key;
        }

        /** For people; empty when the user must give a value. */
        public Optional<String> defaultText() {
            return Optional.ofNullable(defaultText);
        }

        public String doc() {
            return doc;
        }
    }

    /** {@code source.app.tables} in its three parts. */
    record Name(String kind, String name, String option) {

        static Optional<Name> parse(String key) {
            int first = key.indexOf('.');
            int second = key.indexOf('.', first + 1);
            if (first <= 0 || second <= first + 1 || second == key.length() - 1) {
                return Optional.empty();
            }
            return Optional.of(
                    new Name(key.substring(0, first), key.substring(first + 1, second), key.substring(second + 1)));
        }

        Optional<CaptureOption> captureOption() {
            return Arrays.stream(CaptureOption.values())
                    .filter(candidate -> kind.equals(SOURCE) && candidate.key().equals(option))
                    .findFirst();
        }

        /** The option is one of {@link ColumnOption}, whose names have something in the middle too. */
        boolean isColumnOption() {
            return kind.equals(SOURCE) && ColumnOption.isKey(option);
        }

        Optional<SequenceOption> sequenceOption() {
            return Arrays.stream(SequenceOption.values())
                    .filter(candidate ->
                            kind.equals(SEQUENCE) && candidate.key().equals(option))
                    .findFirst();
        }

        /** The option is one of a plugin's, of which only the plugin knows which there are. */
        boolean isPluginOption() {
            return kind.equals(SEQUENCE) && PLUGIN_OPTIONS.stream().anyMatch(option::startsWith);
        }

        /** The option is that of a header, whose name is the end of it. */
        boolean isRouteHeader() {
            return kind.equals(SEQUENCE)
                    && option.startsWith(ROUTE_HEADERS)
                    && option.length() > ROUTE_HEADERS.length();
        }

        /** The option is one of Kafka's topic configs, for the sequence's topic. */
        boolean isTopicConfig() {
            return kind.equals(SEQUENCE)
                    && LogConfig.configDefCopy().configKeys().containsKey(option);
        }

        /** Every key that could have been meant with this name in the middle. */
        List<String> candidates() {
            var keys = new ArrayList<String>();
            for (CaptureOption candidate : CaptureOption.values()) {
                keys.add(SOURCE + "." + name + "." + candidate.key());
            }
            for (ColumnOption candidate : ColumnOption.values()) {
                keys.add(SOURCE + "." + name + "." + candidate.example());
            }
            for (SequenceOption candidate : SequenceOption.values()) {
                keys.add(SEQUENCE + "." + name + "." + candidate.key());
            }
            LogConfig.configDefCopy()
                    .configKeys()
                    .keySet()
                    .forEach(config -> keys.add(SEQUENCE + "." + name + "." + config));
            return keys;
        }
    }
}
