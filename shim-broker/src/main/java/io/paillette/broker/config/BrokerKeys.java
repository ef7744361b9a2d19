package io.paillette.broker.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.transaction.TransactionLogConfig;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.server.config.ServerConfigs;
import org.apache.kafka.storage.internals.log.CleanerConfig;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Every key of the broker that has a fixed name, once, in the order it is documented; a line here is the whole change.
 * What Kafka has a key for has Kafka's name, type, bounds and default, taken from Kafka's own definitions; where our
 * default differs the documentation says why. {@link FeedKeys} has the keys with a name in the middle.
 */
public final class BrokerKeys {

    public static final String BROKER_ID = "broker.id";
    public static final String HEARTBEAT_INTERVAL_MS = "broker.heartbeat.interval.ms";
    public static final String SESSION_TIMEOUT_MS = "broker.session.timeout.ms";
    public static final String RACK = "broker.rack";
    public static final String LISTENERS = "listeners";
    public static final String ADVERTISED_LISTENERS = "advertised.listeners";
    public static final String PROTOCOL_MAP = "listener.security.protocol.map";
    public static final String HTTP_LISTEN = "http.listen";
    public static final String HTTP_TOKEN = "http.token";
    public static final String NETWORK_THREADS = "num.network.threads";
    public static final String REQUEST_MAX_BYTES = "socket.request.max.bytes";
    public static final String QUEUED_MAX_REQUEST_BYTES = "queued.max.request.bytes";
    public static final String CONNECTIONS_MAX_IDLE_MS = "connections.max.idle.ms";
    public static final String FETCH_MAX_BYTES = "fetch.max.bytes";
    public static final String STORE_URL = "store.url";
    public static final String STORE_USER = "store.user";
    public static final String STORE_PASSWORD = "store.password";
    public static final String STORE_CONNECTIONS = "store.connections";
    public static final String STORE_READ_CONNECTIONS = "store.read.connections";
    public static final String TAIL_CACHE_BYTES = "tail.cache.bytes";
    public static final String EMBEDDED_PORT = "embedded.port";
    public static final String DATA_DIR = "data.dir";
    public static final String PLUGIN_PATH = "plugin.path";
    public static final String NUM_PARTITIONS = "num.partitions";
    public static final String AUTO_CREATE_TOPICS = "auto.create.topics.enable";
    public static final String MESSAGE_MAX_BYTES = "message.max.bytes";
    public static final String PRODUCER_EXPIRY_MS = TransactionLogConfig.PRODUCER_ID_EXPIRATION_MS_CONFIG;
    public static final String SEGMENT_BYTES = "log.segment.bytes";
    public static final String RETENTION_CHECK_MS = "log.retention.check.interval.ms";
    public static final String CLEANER_BACKOFF_MS = CleanerConfig.LOG_CLEANER_BACKOFF_MS_PROP;
    public static final String DEDUPE_BUFFER_BYTES = CleanerConfig.LOG_CLEANER_DEDUPE_BUFFER_SIZE_PROP;

    private static final long MIB = 1024L * 1024;
    private static final int MAX_PORT = 65_535;

    private final KeyList keys = new KeyList();

    private BrokerKeys() {}

    /** All keys, in documented order within their groups. */
    public static ConfigDef definition() {
        KeyList keys = new BrokerKeys().network().store().topics().retention().plugins().keys;
        CoordinatorKeys.addTo(keys);
        return keys.definition();
    }

    private BrokerKeys network() {
        keys.group("Network");
        keys.define(
                BROKER_ID,
                INT,
                1,
                atLeast(0),
                HIGH,
                "Id of this broker, as clients see it; each broker of a store "
                        + "has its own. Kafka's -1 means that a controller gives one out; there is none here.");
        keys.define(
                RACK,
                STRING,
                "",
                null,
                MEDIUM,
                "Rack or availability zone of this broker, told to clients. Empty: none.");
        keys.define(
                HEARTBEAT_INTERVAL_MS,
                INT,
                500,
                between(50, 60_000),
                MEDIUM,
                "How often this broker tells the store that it lives and hears what the others have changed, in "
                        + "milliseconds. Kafka's default is 2000; a heartbeat here is one small statement, and topics made on "
                        + "one broker should soon be seen on all. Half as often while no other broker lives.");
        keys.define(
                SESSION_TIMEOUT_MS,
                INT,
                3000,
                between(200, 600_000),
                MEDIUM,
                "How long after its last heartbeat the others take over what this broker leads, in milliseconds. Kafka's "
                        + "default is 9000; a take-over here moves no data and a leader that was wrongly given up is fenced, "
                        + "so waiting longer would only keep clients waiting. At least twice the heartbeat interval.");
        keys.define(
                LISTENERS,
                LIST,
                "PLAINTEXT://127.0.0.1:9092",
                null,
                HIGH,
                "Where Kafka clients connect: NAME://host:port, "
                        + "comma-separated; no host means every interface, port 0 any free port. Kafka's default is every "
                        + "interface; here it is loopback, because clients are not asked who they are.");
        keys.define(
                ADVERTISED_LISTENERS,
                LIST,
                "",
                null,
                HIGH,
                "What clients are told to connect to, when it differs from "
                        + "listeners (containers, NAT): same names, addresses as clients see them.");
        keys.kafka(
                SocketServerConfigs.CONFIG_DEF,
                PROTOCOL_MAP,
                "Security protocol of each listener name, NAME:PROTOCOL, "
                        + "comma-separated. PLAINTEXT is the only protocol served by this version.");
        keys.define(
                HTTP_LISTEN,
                STRING,
                "127.0.0.1:8080",
                null,
                MEDIUM,
                "host:port of /health, /status, /metrics and /api/v1. Empty: no HTTP. Without a token /api/v1 is there only "
                        + "where this is a loopback address.");
        keys.define(
                HTTP_TOKEN,
                PASSWORD,
                "",
                null,
                MEDIUM,
                "Token that whoever reads or changes something below /api/v1 has to give, as Authorization: Bearer TOKEN. "
                        + "file:PATH and env:NAME as in store.password. Empty: nothing can be read or changed there, except "
                        + "where http.listen is a loopback address.");
        keys.kafka(
                SocketServerConfigs.CONFIG_DEF,
                NETWORK_THREADS,
                "Threads that move bytes between sockets and requests.");
        keys.kafka(
                SocketServerConfigs.CONFIG_DEF,
                REQUEST_MAX_BYTES,
                "Largest request, in bytes; a larger one ends the connection.");
        keys.define(
                QUEUED_MAX_REQUEST_BYTES,
                LONG,
                64 * MIB,
                atLeast(MIB),
                MEDIUM,
                "Bytes of requests that are read and not "
                        + "yet answered; beyond it sockets are not read. Kafka's default is no bound; here everything that "
                        + "waits has one.");
        keys.kafka(
                SocketServerConfigs.CONFIG_DEF,
                CONNECTIONS_MAX_IDLE_MS,
                "A connection that is silent for longer, in milliseconds, is closed.");
        keys.kafka(
                ServerConfigs.CONFIG_DEF,
                FETCH_MAX_BYTES,
                "Largest answer to a fetch, in bytes, whatever the client "
                        + "asks for; one batch is always answered.");
        return this;
    }

    private BrokerKeys store() {
        keys.group("Store");
        keys.define(
                STORE_URL,
                STRING,
                "embedded",
                null,
                HIGH,
                "The Postgres database that holds log, groups and positions: a "
                        + "JDBC URL (jdbc:postgresql://host:port/database), or embedded: Paillette runs a Postgres of its own.");
        keys.define(STORE_USER, STRING, "", null, HIGH, "Role to connect to the store as. Empty: as store.url says.");
        keys.define(
                STORE_PASSWORD,
                PASSWORD,
                "",
                null,
                HIGH,
                "Password of that role: file:PATH reads a file, env:NAME an "
                        + "environment variable, anything else is the password itself.");
        keys.define(
                STORE_CONNECTIONS,
                INT,
                4,
                between(2, 1000),
                MEDIUM,
                "Connections to the store for appends, groups and topics.");
        keys.define(
                STORE_READ_CONNECTIONS,
                INT,
                4,
                between(1, 1000),
                MEDIUM,
                "Connections to the store for reads that the tail "
                        + "cache cannot answer; apart, so that a consumer that reads old data never delays an append.");
        keys.define(
                TAIL_CACHE_BYTES,
                LONG,
                64 * MIB,
                atLeast(0),
                MEDIUM,
                "Memory for the newest batches of all partitions together, in bytes.");
        keys.define(
                EMBEDDED_PORT,
                INT,
                5433,
                between(1, MAX_PORT),
                MEDIUM,
                "Port of the embedded Postgres on 127.0.0.1; its user is postgres and it asks for no password.");
        keys.define(
                DATA_DIR,
                STRING,
                "data",
                new ConfigDef.NonEmptyString(),
                HIGH,
                "Directory of the embedded Postgres: data, "
                        + "binaries, log. A relative path in a file is relative to the directory of the launcher, one given "
                        + "with --set to the working directory.");
        return this;
    }

    private BrokerKeys topics() {
        keys.group("Topics");
        keys.kafka(LogConfig.SERVER_CONFIG_DEF, NUM_PARTITIONS, "Partitions of a topic that does not say how many.");
        keys.kafka(LogConfig.SERVER_CONFIG_DEF, AUTO_CREATE_TOPICS, "Whether a client that names a topic creates it.");
        keys.kafka(
                ServerConfigs.CONFIG_DEF,
                MESSAGE_MAX_BYTES,
                "Largest record batch, in bytes. Topic level: max.message.bytes.");
        keys.kafka(
                ServerConfigs.CONFIG_DEF,
                "compression.type",
                "producer keeps batches as they come; the others recompress them.");
        keys.kafka(
                LogConfig.SERVER_CONFIG_DEF,
                "log.message.timestamp.type",
                "CreateTime (the producer's clock) or LogAppendTime (the broker's).");
        keys.kafka(
                TransactionLogConfig.CONFIG_DEF,
                PRODUCER_EXPIRY_MS,
                "An idempotent producer that is silent for longer, in milliseconds, is forgotten.");
        return this;
    }

    private BrokerKeys plugins() {
        keys.group("Plugins");
        keys.define(
                PLUGIN_PATH,
                LIST,
                "",
                null,
                MEDIUM,
                "Where Kafka Connect's plugins for sequences are, transformations, predicates and converters: directories,"
                        + " comma-separated, as Connect has them. What is in such a directory is a plugin each: a jar, or a directory of"
                        + " jars, loaded apart from all others. Kafka's own transformations and JsonConverter are always there. A relative"
                        + " path is as that of data.dir.");
        return this;
    }

    private BrokerKeys retention() {
        keys.group("Retention and compaction");
        keys.kafka(
                LogConfig.SERVER_CONFIG_DEF,
                "log.cleanup.policy",
                "delete, compact, or both. Topic level: cleanup.policy.");
        keys.kafka(LogConfig.SERVER_CONFIG_DEF, "log.retention.hours", "How long records stay, in hours.");
        keys.kafka(LogConfig.SERVER_CONFIG_DEF, "log.retention.minutes", "The same in minutes; goes before hours.");
        keys.kafka(
                LogConfig.SERVER_CONFIG_DEF,
                "log.retention.ms",
                "The same in milliseconds; goes before minutes; -1 keeps "
                        + "records for ever. Topic level: retention.ms.");
        keys.kafka(
                LogConfig.SERVER_CONFIG_DEF,
                "log.retention.bytes",
                "How many bytes a partition keeps; -1 is no bound. Topic level: retention.bytes.");
        keys.define(
                RETENTION_CHECK_MS,
                LONG,
                300_000L,
                atLeast(1),
                MEDIUM,
                "How often records to be deleted are looked for, in milliseconds.");
        keys.kafka(
                LogConfig.SERVER_CONFIG_DEF,
                SEGMENT_BYTES,
                "Size at which a segment table, which many partitions share, is written to no more, in bytes; it is dropped "
                        + "once nothing in it is needed. It also rolls by time, about twelve times in the retention of its "
                        + "topics. A topic's own segment.bytes and segment.ms are told to clients and have no effect.");
        keys.define(
                DEDUPE_BUFFER_BYTES,
                LONG,
                16 * MIB,
                between(MIB, 1024 * MIB),
                MEDIUM,
                "Memory for the keys of one compaction, in bytes, held while one runs: 24 bytes a key; with more "
                        + "keys it takes several passes. Kafka's default is 128 MiB.");
        keys.define(
                CLEANER_BACKOFF_MS,
                LONG,
                15_000L,
                atLeast(1),
                MEDIUM,
                "How often topics to be compacted are looked for, in milliseconds.");
        keys.kafka(
                CleanerConfig.CONFIG_DEF,
                CleanerConfig.LOG_CLEANER_MIN_CLEAN_RATIO_PROP,
                "A partition is compacted when more than this part of it is new since the last time. "
                        + "Topic level: min.cleanable.dirty.ratio.");
        keys.kafka(
                CleanerConfig.CONFIG_DEF,
                CleanerConfig.LOG_CLEANER_MIN_COMPACTION_LAG_MS_PROP,
                "Younger records are not compacted, in milliseconds. Topic level: min.compaction.lag.ms.");
        keys.kafka(
                CleanerConfig.CONFIG_DEF,
                CleanerConfig.LOG_CLEANER_MAX_COMPACTION_LAG_MS_PROP,
                "Older records are compacted however few they are, in milliseconds. Topic level: max.compaction.lag.ms.");
        keys.kafka(
                CleanerConfig.CONFIG_DEF,
                CleanerConfig.LOG_CLEANER_DELETE_RETENTION_MS_PROP,
                "How long tombstones stay after their first compaction, in milliseconds. Topic level: "
                        + "delete.retention.ms.");
        return this;
    }
}
