package io.paillette.capture;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options of a source that a user sees: the one definition from which the connector's {@code ConfigDef} and the
 * broker's {@code source.<name>.*} keys are made. Names are Debezium's where Debezium has one.
 */
public enum CaptureOption {
    URL("url", Type.STRING, null, "JDBC URL of the database to capture: jdbc:postgresql://host:port/database."),
    USER(
            "user",
            Type.STRING,
            "",
            "Role to connect as; needs REPLICATION, and SELECT on the tables where rows that exist are read first. "
                    + "Empty: as the URL says."),
    PASSWORD("password", Type.PASSWORD, "", "Password of the role. Empty: as the URL says, or none."),
    STANDBY_URL(
            "standby.url",
            Type.STRING,
            "",
            "JDBC URL of the same database on a standby of that server (Postgres 16 and newer), which then has the slot and "
                    + "decodes the WAL; publications stay on the server of url, and rows are read there. The standby needs "
                    + "wal_level=logical and hot_standby_feedback=on. Empty: the slot is on the server of url."),
    TABLES(
            "tables",
            Type.LIST,
            "public.*",
            "Tables to capture as comma-separated patterns schema.table; * stands for any run of characters; "
                    + "case-sensitive. Tables created later join by themselves."),
    TABLE_INCLUDE_LIST(
            "table.include.list",
            Type.STRING,
            "",
            "Tables to capture, instead of tables: comma-separated regular expressions, each for a whole schema.table, upper or "
                    + "lower case; a comma of an expression is written \\,."),
    TABLE_EXCLUDE_LIST(
            "table.exclude.list",
            Type.STRING,
            "",
            "Tables not to capture, though they are named, written as in table.include.list."),
    SLOT_NAME(
            "slot.name",
            Type.STRING,
            "",
            "Replication slot: lower-case letters, digits and underscores. Empty: paillette_ and the source's name."),
    ON_SLOT_LOSS(
            "on.slot.loss",
            List.of("fail", "resnapshot"),
            "fail",
            "What to do when the slot cannot go on from the stored position: it was dropped, lost or advanced by somebody "
                    + "else, or the server was restored, replaced or failed over without it. fail: the source stops and "
                    + "says so. resnapshot: the slot is made anew and every table is read again (op r); what was "
                    + "deleted in between is not told."),
    SLOT_FAILOVER(
            "slot.failover",
            Type.BOOLEAN,
            "false",
            "Let standbys keep a copy of the slot, so that capture goes on after a fail-over without missing a change "
                    + "(Postgres 17 and newer; older ones have no such slots, which the log says). The standby needs "
                    + "sync_replication_slots, the primary its name in synchronized_standby_slots."),
    SLOT_RETAINED_WAL_WARN_BYTES(
            "slot.retained.wal.warn.bytes",
            Type.LONG,
            "1073741824",
            "WAL held back by the slot from which on log and health warn, in bytes."),
    PUBLICATION_NAME(
            "publication.name",
            Type.STRING,
            "",
            "Publication of the captured tables; those without a replica identity go to <name>_inserts. "
                    + "Empty: paillette_ and the source's name."),
    SNAPSHOT_MODE(
            "snapshot.mode",
            List.of("initial", "no_data"),
            "initial",
            "initial: rows that exist before the first start are read first. no_data: only changes from then on."),
    SNAPSHOT_MAX_THREADS(
            "snapshot.max.threads",
            Type.LONG,
            "1",
            "How many tables are read at the same time when rows are read that exist before the first start: 1 to 64, a thread "
                    + "and a connection to the database for each. Small tables without a primary key are read one after the "
                    + "other whatever this says, and so are tables that join later or are read again."),
    DDL_TRIGGER(
            "ddl.trigger",
            Type.BOOLEAN,
            "true",
            "Let an event trigger in schema paillette_capture add a new table to the publication in the transaction "
                    + "that creates it, where the role may create one. Otherwise, and where it may not, a table "
                    + "joins within about a second and the rows it has by then are read."),
    UNIX_SOCKET_DIRECTORY(
            "unix.socket.directory",
            Type.STRING,
            "auto",
            "Directory of the server's Unix-domain socket (its unix_socket_directories), through which changes are read. "
                    + "auto: where the URL leads to this machine, /var/run/postgresql and /tmp are tried, and TCP where the "
                    + "server is not found there. off: always TCP."),
    MESSAGE_PREFIX_INCLUDE_LIST(
            "message.prefix.include.list",
            Type.STRING,
            "",
            "Prefixes of the logical messages (pg_logical_emit_message) to deliver, as comma-separated regular expressions, "
                    + "each for a whole prefix, upper or lower case; a comma of an expression is written \\,. They go to "
                    + "the topic <name>.message, in their place among the changes. Empty: all. Postgres 14 and newer."),
    MESSAGE_PREFIX_EXCLUDE_LIST(
            "message.prefix.exclude.list",
            Type.STRING,
            "",
            "Prefixes of the logical messages to leave out, written as in message.prefix.include.list, of which only one may "
                    + "be given. .* leaves out all."),
    COLUMN_INCLUDE_LIST(
            "column.include.list",
            Type.STRING,
            "",
            "Columns to tell, as comma-separated regular expressions, each for a whole schema.table.column, upper or lower "
                    + "case; a comma of an expression is written \\,. Keys are told whatever is said here. Empty: all."),
    COLUMN_EXCLUDE_LIST(
            "column.exclude.list",
            Type.STRING,
            "",
            "Columns not to tell, written as in column.include.list, of which only one may be given."),
    MESSAGE_KEY_COLUMNS(
            "message.key.columns",
            Type.STRING,
            "",
            "Columns that are the key of a table's messages, in this order, instead of its primary key: "
                    + "table:column,column;table:column with a regular expression for a whole schema.table. Updates and "
                    + "deletes carry other columns than the primary key's only with REPLICA IDENTITY FULL."),
    SKIPPED_OPERATIONS(
            "skipped.operations",
            Type.STRING,
            "none",
            "Changes not to tell, comma-separated: c (inserts), u (updates), d (deletes), t (truncates); or none. Debezium's "
                    + "default is t."),
    SKIP_MESSAGES_WITHOUT_CHANGE(
            "skip.messages.without.change",
            Type.BOOLEAN,
            "false",
            "Leave out updates that change no column that is told. Seen only of tables with REPLICA IDENTITY FULL."),
    UNAVAILABLE_VALUE_HANDLING(
            "unavailable.value.handling",
            List.of("placeholder", "memory", "reread"),
            "placeholder",
            "What is told of a large value (TOAST) that an update left as it was, and that the WAL does not carry, in a table "
                    + "without REPLICA IDENTITY FULL. placeholder: __debezium_unavailable_value. memory: the value, where an "
                    + "earlier change of the row told it and it is still remembered. reread: the value that the row has when "
                    + "it is asked for, a moment later, which a later change may have written. What is not known is the "
                    + "placeholder with each of them."),
    UNAVAILABLE_VALUE_MEMORY_BYTES(
            "unavailable.value.memory.bytes",
            Type.LONG,
            "33554432",
            "Bound in bytes of the values that unavailable.value.handling=memory remembers; the rows that were changed longest "
                    + "ago are forgotten first, and all with a restart."),
    PROVIDE_TRANSACTION_METADATA(
            "provide.transaction.metadata",
            Type.BOOLEAN,
            "false",
            "Tell transactions: a record BEGIN and a record END, with the number of records of each table, in the topic "
                    + "<name>.transaction (of the connector as topic.delimiter and topic.transaction say), and in each record's transaction block its place in its transaction."),
    MAX_QUEUE_BYTES(
            "max.queue.size.in.bytes",
            Type.LONG,
            "16777216",
            "Bound in bytes of the changes that wait in memory; when it is reached reading the WAL pauses."),
    DECIMAL_HANDLING_MODE(
            "decimal.handling.mode",
            List.of("precise", "double", "string"),
            "precise",
            "How numeric and money values are written: precise (exact decimal), double (may lose digits), string."),
    TIME_PRECISION_MODE(
            "time.precision.mode",
            List.of("adaptive", "adaptive_time_microseconds", "connect", "isostring", "microseconds", "nanoseconds"),
            "adaptive",
            "How dates, and times and timestamps without zone are written. adaptive: days; milliseconds where the column "
                    + "has at most three fractional digits, else microseconds. adaptive_time_microseconds: so, but times "
                    + "always in microseconds. connect: Connect's Date, Time and Timestamp, cut off at milliseconds. "
                    + "isostring: ISO-8601 text. microseconds, nanoseconds: times and timestamps in these."),
    INTERVAL_HANDLING_MODE(
            "interval.handling.mode",
            List.of("numeric", "string"),
            "numeric",
            "How interval values are written: numeric (microseconds, with a month of 365.25 / 12 days), "
                    + "string (exact, ISO-8601 as in P1Y2M3DT4H5M6.789S)."),
    HSTORE_HANDLING_MODE(
            "hstore.handling.mode",
            List.of("json", "map"),
            "json",
            "How hstore values are written: json (a string that holds a JSON object), map."),
    BINARY_HANDLING_MODE(
            "binary.handling.mode",
            List.of("bytes", "base64", "base64-url-safe", "hex"),
            "bytes",
            "How bytea values and the content of logical messages are written: bytes (in JSON that is base64), or a string in base64, base64-url-safe or hex.");

    /** What a value must look like. */
    public enum Type {
        STRING,
        /** A string that is never shown or logged. */
        PASSWORD,
        /** Comma-separated, blanks around an item ignored. */
        LIST,
        BOOLEAN,
        LONG,
        /** One of {@link CaptureOption#choices()}. */
        CHOICE
    }

    private final String key;
    private final Type type;
    /** Comma-separated: an enum keeps only immutable values. */
    private final String choices;

    private final @Nullable String defaultValue;
    private final String doc;

    CaptureOption(String key, Type type, @Nullable String defaultValue, String doc) {
        this.key = key;
        this.type = type;
        this.choices = "";
        this.defaultValue = defaultValue;
        this.doc = doc;
    }

    CaptureOption(String key, List<String> choices, String defaultValue, String doc) {
        this.key = key;
        this.type = Type.CHOICE;
        this.choices = String.join(",", choices);
        this.defaultValue = defaultValue;
        this.doc = doc;
    }

    /** The name in a properties file, below whatever prefix the product puts before it. */
    public String key() {
        return key;
    }

    public Type type() {
        return type;
    }

    /** The values allowed, for {@link Type#CHOICE}; else empty. */
    public List<String> choices() {
        return choices.isEmpty() ? List.of() : List.of(choices.split(",", -1));
    }

    /** Text of the default; empty when the user must give a value. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** One or two sentences for people. */
    public String doc() {
        return doc;
    }
}
