package io.paillette.broker.metrics;

import java.util.Locale;

/** Every metric of the broker; docs/metrics.md is generated from here. Units are in the names. */
public enum Metric {
    REQUESTS("requests", Kind.COUNTER, "api", "Requests answered."),
    REQUEST_FAILURES("request.failures", Kind.COUNTER, "api", "Requests that ended in a fault; refusals are answers."),
    REQUEST_SECONDS("request.seconds", Kind.COUNTER, "api", "Time from a parsed request to its answer, added up."),
    REQUEST_BYTES("request.bytes", Kind.COUNTER, "api", "Bytes of requests."),
    RESPONSE_BYTES("response.bytes", Kind.COUNTER, "api", "Bytes of answers."),
    CONNECTIONS("connections", Kind.GAUGE, "", "Open connections of clients."),
    HELD_REQUEST_BYTES("held.request.bytes", Kind.GAUGE, "", "Bytes of requests read and not answered yet."),
    HELD_RESPONSE_BYTES("held.response.bytes", Kind.GAUGE, "", "Bytes of answers not taken by their clients yet."),
    WAITING_APPEND_BYTES("waiting.append.bytes", Kind.GAUGE, "", "Bytes of appends that wait for their commit."),
    APPEND_GROUPS("append.groups", Kind.COUNTER, "", "Commits of appends; what comes during one goes into the next."),
    APPENDS("appends", Kind.COUNTER, "", "Appends committed; by append.groups it is the size of a group."),
    APPENDED_BYTES("appended.bytes", Kind.COUNTER, "", "Bytes of committed appends."),
    APPEND_SECONDS("append.seconds", Kind.COUNTER, "", "Time of all commits of appends, repeated attempts included."),
    TAIL_CACHE_BYTES("tail.cache.bytes", Kind.GAUGE, "", "Memory that the newest batches take."),
    TAIL_CACHE_HITS("tail.cache.hits", Kind.COUNTER, "", "Reads answered from memory."),
    TAIL_CACHE_MISSES("tail.cache.misses", Kind.COUNTER, "", "Reads that Postgres had to answer."),
    WAITING_FETCHES("waiting.fetches", Kind.GAUGE, "", "Fetches that wait for data."),
    TRANSACTIONS_COMPLETED(
            "transactions.completed", Kind.COUNTER, "", "Transactions whose last marker this broker has written."),
    TRANSACTIONS_TIMED_OUT(
            "transactions.timed.out",
            Kind.COUNTER,
            "",
            "Transactions aborted here because they were open for too long."),
    WAITING_MARKERS(
            "waiting.markers", Kind.GAUGE, "", "Markers that end a transaction and are on their way to the store."),
    INBOX_RECORDS(
            "inbox.records", Kind.COUNTER, "", "Records published by SQL that this broker has moved into the log."),
    INBOX_SECONDS(
            "inbox.seconds",
            Kind.GAUGE,
            "",
            "Age of the oldest record published by SQL, of all brokers, that is not in the log yet."),
    REPLAY_RECORDS(
            "replay.records", Kind.COUNTER, "", "Stored records that replays of this broker have published once more."),
    FEED_RECORDS("feed.records", Kind.COUNTER, "source", "Records stored by a source since it was started last."),
    SEQUENCE_DROPPED(
            "sequence.dropped",
            Kind.COUNTER,
            "sequence",
            "Changes that functions or transformations of a sequence have left out since its source was started last, which each"
                    + " change of a sequence does; one that is read again counts again."),
    SEQUENCE_DEAD_LETTERS(
            "sequence.dead.letters",
            Kind.COUNTER,
            "sequence",
            "Changes that a sequence has put into its dead letter topic since then; one that is read again counts again."),
    FEED_LAG_BYTES(
            "feed.lag.bytes",
            Kind.GAUGE,
            "source",
            "WAL of a source that is neither stored nor known to hold nothing for it; NaN while it is not read."),
    FEED_RETAINED_WAL_BYTES(
            "feed.retained.wal.bytes",
            Kind.GAUGE,
            "source",
            "WAL that the slot of a source holds back; NaN while it is not read."),
    FEED_SLOT_WARNING(
            "feed.slot.warning",
            Kind.GAUGE,
            "source",
            "1 while that is too much (slot.retained.wal.warn.bytes) or wal_status is not reserved; /status says what."),
    FEED_UNREAD_TABLES(
            "feed.unread.tables",
            Kind.GAUGE,
            "source",
            "Tables of a source whose earlier rows are being read, or wait for it; NaN while it is not read."),
    FEED_ROWS_READ(
            "feed.rows.read",
            Kind.COUNTER,
            "source",
            "Rows read of tables since the source was started last; changes are not among them."),
    FEED_ESTIMATED_ROWS(
            "feed.estimated.rows",
            Kind.GAUGE,
            "source",
            "Rows that all those tables have, those done with too, as Postgres estimates."),
    FEED_STOPPED_SEQUENCES(
            "feed.stopped.sequences",
            Kind.GAUGE,
            "source",
            "Sequences of a source that have stopped, while it goes on for the others; /status says why."),
    FEED_RUNNING("feed.running", Kind.GAUGE, "source", "1 while a source runs, else 0; /status says why."),
    STORE_CALLS(
            "store.calls",
            Kind.COUNTER,
            "purpose",
            "Calls to Postgres that succeeded: writer is a commit of appends, groups one of the coordinator, reader a read"
                    + " that the cache could not answer."),
    STORE_FAULTS("store.faults", Kind.COUNTER, "purpose", "Calls to Postgres that failed, retried ones included."),
    STORE_SECONDS("store.seconds", Kind.COUNTER, "purpose", "Time of all calls, waiting for a connection included."),
    POOL_ACTIVE("pool.active", Kind.GAUGE, "purpose", "Connections in use."),
    POOL_IDLE("pool.idle", Kind.GAUGE, "purpose", "Connections open and not in use."),
    POOL_WAITING("pool.waiting", Kind.GAUGE, "purpose", "Threads that wait for a connection."),
    XMIN_AGE(
            "postgres.xmin.age",
            Kind.GAUGE,
            "",
            "Transactions since the oldest snapshot still in use: what is dead since cannot be vacuumed."),
    TRANSACTION_SECONDS("postgres.transaction.seconds", Kind.GAUGE, "", "Age of the oldest open transaction."),
    FROZEN_XID_AGE(
            "postgres.frozenxid.age", Kind.GAUGE, "", "Transactions since the last freeze; 2 billion are the end."),
    SCHEMA_BYTES("postgres.schema.bytes", Kind.GAUGE, "", "Size of schema paillette with indexes and TOAST."),
    DEAD_ROWS("postgres.dead.rows", Kind.GAUGE, "table", "Dead rows of a table that is updated all the time."),
    HOT_UPDATE_RATIO(
            "postgres.hot.update.ratio",
            Kind.GAUGE,
            "table",
            "Share of updates that touched no index, since statistics began; near 1 is right."),
    RETAINED_WAL_BYTES("postgres.retained.wal.bytes", Kind.GAUGE, "slot", "WAL that a replication slot holds back.");

    /** How a value behaves. */
    enum Kind {
        COUNTER,
        GAUGE
    }

    private final String key;
    private final Kind kind;
    private final String label;
    private final String doc;

    Metric(String key, Kind kind, String label, String doc) {
        this.key = "paillette." + key;
        this.kind = kind;
        this.label = label;
        this.doc = doc;
    }

    String key() {
        return key;
    }

    Kind kind() {
        return kind;
    }

    /** Empty where there is one value only. */
    String label() {
        return label;
    }

    String doc() {
        return doc;
    }

    /** As Prometheus sees it. */
    String exposed() {
        return key.replace('.', '_').toLowerCase(Locale.ROOT) + (kind == Kind.COUNTER ? "_total" : "");
    }
}
