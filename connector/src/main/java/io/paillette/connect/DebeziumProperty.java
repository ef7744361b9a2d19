package io.paillette.connect;

import io.paillette.capture.CaptureOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Properties of Debezium's PostgreSQL connector that are not ours under the same name: what becomes of each. The one
 * definition, from which the table in docs/debezium.md is made. Source: Debezium 3.6's documentation, "Connector properties".
 */
enum DebeziumProperty {
    SCHEMA_INCLUDE("schema.include.list", Fate.MAPPED, "becomes table.include.list"),
    SCHEMA_EXCLUDE("schema.exclude.list", Fate.MAPPED, "becomes part of table.exclude.list"),
    SSL("database.ssl*", Fate.MAPPED, "becomes a parameter of the JDBC URL: sslmode, sslcert, sslkey, sslrootcert ..."),
    SNAPSHOT_MODE(
            "snapshot.mode",
            Fate.MAPPED,
            "never becomes no_data, when_needed becomes initial with on.slot.loss=resnapshot; initial and no_data are ours too"),
    SNAPSHOT_MODE_OTHERS(
            "snapshot.mode",
            Set.of("initial", "no_data", "never", "when_needed"),
            "rows are read once, at the first start"),
    PLUGIN("plugin.name", Set.of("pgoutput"), "pgoutput is the one that every server has"),
    EVENT_FAILURES(
            "event.processing.failure.handling.mode",
            Set.of("fail"),
            "nothing is left out silently; errors.tolerance is Connect's way"),
    VALUE_FAILURES("event.converting.failure.handling.mode", Set.of("fail", "warn"), "always fail"),
    SLOT_DROP("slot.drop.on.stop", Set.of("false"), "the slot holds what is not delivered"),
    FLUSH_LSN("flush.lsn.source", Set.of("true"), "the slot hears what is stored, or it would hold back WAL for ever"),
    LSN_FLUSH_MODE("lsn.flush.mode", Set.of("connector", "connector_and_driver"), "the same"),
    NAMING(
            "topic.naming.strategy",
            Set.of("io.debezium.schema.SchemaTopicNamingStrategy"),
            "topics are <topic.prefix>.<schema>.<table>; RegexRouter changes that"),
    PLACEHOLDER(
            "unavailable.value.placeholder",
            Set.of("__debezium_unavailable_value"),
            "the placeholder is Debezium's default"),
    SOURCE_TYPES("column.propagate.source.type", Set.of(), "not told yet"),
    SOURCE_DATATYPES("datatype.propagate.source.type", Set.of(), "not told yet"),
    CONVERTERS("converters", Set.of(), "Debezium's own interface; a transform of Connect does it"),
    POST_PROCESSORS(
            "post.processors",
            Set.of(),
            "Debezium's own interface; unavailable.value.handling=reread does what its reselector does"),
    SNAPSHOT_TABLES("snapshot.include.collection.list", Set.of(), "every captured table is read"),
    SNAPSHOT_SELECTS("snapshot.select.statement.overrides*", Set.of(), "every row is read"),
    STREAM_PARAMS("slot.stream.params", Set.of(), "the stream's options are ours to choose"),
    STATEMENTS("database.initial.statements", Set.of(), "the session's settings decide how values are written"),
    IDENTITIES(
            "replica.identity.autoset.values",
            Set.of(),
            "identities of tables are the database's: run ALTER TABLE ... REPLICA IDENTITY"),
    DRIVER("driver.*", Set.of(), "write it into database.url"),
    CONNECTION_FACTORY("database.connection.factory.class", Set.of(), "Debezium's own interface"),
    METADATA_FACTORY("transaction.metadata.factory", Set.of(), "Debezium's own interface"),
    AUTOCREATE("publication.autocreate.mode", Fate.IGNORED, "publications of the captured tables are made and kept"),
    VIA_ROOT("publish.via.partition.root", Fate.IGNORED, "always, from Postgres 13 on"),
    UNKNOWN_TYPES("include.unknown.datatypes", Fate.IGNORED, "always, as text"),
    BUILT_IN("table.ignore.builtin", Fate.IGNORED, "always, but PostGIS's spatial_ref_sys is a table as others are"),
    HEARTBEATS("heartbeat.*", Fate.IGNORED, "the slot lets go of WAL by itself"),
    HEARTBEAT_TOPICS("topic.heartbeat.*", Fate.IGNORED, "the same"),
    BATCHES("max.batch.size", Fate.IGNORED, "what is there is delivered at once"),
    QUEUE("max.queue.size", Fate.IGNORED, "max.queue.size.in.bytes bounds the queue"),
    POLLS("poll.*", Fate.IGNORED, "nothing waits for an interval"),
    SLOT_RETRIES("slot.max.retries", Fate.IGNORED, "an earlier reader is waited for"),
    SLOT_RETRY_DELAY("slot.retry.delay.ms", Fate.IGNORED, "the same"),
    STATUS("status.update.interval.ms", Fate.IGNORED, "once a second"),
    LSN_FLUSHES("lsn.flush.timeout.*", Fate.IGNORED, "nothing waits for it"),
    OFFSETS("offset.mismatch.strategy", Fate.IGNORED, "a slot that is ahead is told; see on.slot.loss"),
    XMIN("xmin.fetch.interval.ms", Fate.IGNORED, "source.xmin is null"),
    KEEP_ALIVE("database.tcpKeepAlive", Fate.IGNORED, "always"),
    TIMEOUTS("database.query.timeout.ms", Fate.IGNORED, "chosen for each question"),
    VALIDATION("connection.validation.timeout.ms", Fate.IGNORED, "10 s to connect, 20 s for an answer"),
    READ_ONLY("read.only", Fate.IGNORED, "always: watermarks are transaction ids"),
    RETRIES("errors.max.retries", Fate.IGNORED, "what passes by itself is tried again"),
    RESTARTS("retriable.restart.connector.wait.ms", Fate.IGNORED, "the same"),
    SIGNAL_WRITES("signal.emit.failure.*", Fate.IGNORED, "nothing is written to the table of signals"),
    SIGNAL_GROUP("signal.kafka.groupId", Fate.IGNORED, "the stored position says how far the topic is read"),
    SIGNAL_POLLS("signal.kafka.poll.timeout.ms", Fate.IGNORED, "signals are read as they come"),
    INCREMENTAL("incremental.snapshot.*", Fate.IGNORED, "chunks are as large as they may be"),
    SNAPSHOT_TUNING(
            "snapshot.*",
            Fate.IGNORED,
            "tables are read in the order of their key, in segments; snapshot.max.threads is ours too"),
    STREAM_DELAY("streaming.delay.ms", Fate.IGNORED, "none"),
    FETCHES("query.fetch.size", Fate.IGNORED, "rows are copied"),
    MONEY("money.fraction.digits", Fate.IGNORED, "money has the fraction digits of the database's lc_monetary"),
    REFRESH("schema.refresh.mode", Fate.IGNORED, "the stream tells each shape"),
    EXTENDED_HEADERS("extended.headers.enabled", Fate.IGNORED, "there are none"),
    METRICS("custom.metric.tags", Fate.IGNORED, "there are none"),
    STATISTICS("statistics.metrics.enabled", Fate.IGNORED, "there are none"),
    SANITIZING("custom.sanitize.pattern", Fate.IGNORED, "passwords are never logged"),
    SHUTDOWN("executor.shutdown.timeout.ms", Fate.IGNORED, "seconds"),
    TOPIC_CACHE("topic.cache.size", Fate.IGNORED, "not needed"),
    COMMENTS("include.schema.comments", Fate.IGNORED, "not told"),
    MAKER("sourceinfo.struct.maker", Fate.IGNORED, "the source block is Debezium's"),
    SLOT_SEEKS(
            "slot.seek.to.known.offset.on.start", Fate.IGNORED, "a slot that is elsewhere is told; see on.slot.loss"),
    SLOT_CREATION("create.slot.command.timeout", Fate.IGNORED, "what runs when the slot is made is waited for"),
    GUARDRAILS("guardrail.*", Fate.IGNORED, "not needed"),
    LINEAGE("openlineage.*", Fate.IGNORED, "not told"),
    LEGACY_THREADS("legacy.snapshot.max.threads", Fate.IGNORED, "each thread reads a table, as with true"),
    RETRIABLE("custom.retriable.exception", Fate.IGNORED, "what passes by itself is tried again"),
    QUEUE_PROVIDER("queue.provider.type", Fate.IGNORED, "memory"),
    ADVANCED_METRICS("advanced.metrics.enable", Fate.IGNORED, "there are none"),
    MEMORY("memory.management.*", Fate.IGNORED, "not needed"),
    INTERNAL("internal.*", Fate.IGNORED, "Debezium's own");

    /** What becomes of a property. */
    enum Fate {
        MAPPED,
        IGNORED,
        /** Unless it has a value that changes nothing. */
        REFUSED
    }

    private final String name;
    private final Fate fate;

    /** Comma-separated: an enum keeps only immutable values. */
    private final String harmless;

    private final String why;

    DebeziumProperty(String name, Fate fate, String why) {
        this.name = name;
        this.fate = fate;
        this.harmless = "";
        this.why = why;
    }

    /** Refused but for these values. */
    DebeziumProperty(String name, Set<String> harmless, String why) {
        this.name = name;
        this.fate = Fate.REFUSED;
        this.harmless = String.join(",", harmless);
        this.why = why;
    }

    /** What is said of {@code key} with this value; the first of the list that fits. */
    static Optional<DebeziumProperty> of(String key, String value) {
        return Arrays.stream(values())
                .filter(property -> property.isCalled(key))
                .filter(property -> property.fate != Fate.REFUSED || !property.isHarmless(value))
                .filter(property -> property != SNAPSHOT_MODE || !SNAPSHOT_MODE_OTHERS.refuses(value))
                .findFirst();
    }

    /** Whether Debezium has such a property, whatever its value. */
    static boolean isKnown(String key) {
        return Arrays.stream(values()).anyMatch(property -> property.isCalled(key));
    }

    private boolean refuses(String value) {
        return !isHarmless(value);
    }

    private boolean isCalled(String key) {
        return name.endsWith("*")
                ? key.startsWith(name.substring(0, name.length() - 1)) && !isOurs(key)
                : key.equals(name);
    }

    private static boolean isOurs(String key) {
        return Arrays.stream(CaptureOption.values())
                .anyMatch(option -> option.key().equals(key));
    }

    private boolean isHarmless(String value) {
        return value.isBlank()
                || Arrays.stream(harmless.split(",", -1))
                        .anyMatch(one -> !one.isEmpty() && one.equalsIgnoreCase(value.strip()));
    }

    /** The key; {@code *} at its end stands for anything. */
    String pattern() {
        return name;
    }

    Fate fate() {
        return fate;
    }

    /** Values that change nothing, of one that is refused; else empty. */
    List<String> harmless() {
        return harmless.isEmpty()
                ? List.of()
                : List.of(harmless.split(",", -1)).stream().sorted().toList();
    }

    String why() {
        return why;
    }
}
