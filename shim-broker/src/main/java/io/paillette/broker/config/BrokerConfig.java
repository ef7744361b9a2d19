package io.paillette.broker.config;

import io.paillette.capture.CaptureOption;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.filter.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Everything the broker is told, checked and typed. {@link BrokerKeys} documents each key.
 *
 * @param kafka the same values under Kafka's names and with Kafka's types, for Kafka's own config classes
 *              ({@code GroupCoordinatorConfig}, {@code LogConfig})
 */
public record BrokerConfig(
        Network network,
        Optional<Http> http,
        Store store,
        Log log,
        List<Source> sources,
        List<Sequence> sequences,
        AbstractConfig kafka) {

    public BrokerConfig {
        sources = List.copyOf(sources);
        sequences = List.copyOf(sequences);
    }

    /** Where Kafka Connect's plugins for sequences are. */
    public List<Path> pluginPath() {
        return kafka.getList(BrokerKeys.PLUGIN_PATH).stream().map(Path::of).toList();
    }

    /** The same but for its sequences. */
    public BrokerConfig withSequences(List<Sequence> others) {
        return new BrokerConfig(network, http, store, log, sources, others, kafka);
    }

    /**
     * Health, status, and what can be changed over HTTP.
     *
     * @param token which whoever changes something has to give; empty: nobody is asked, and it has to be this machine
     */
    public record Http(HostPort listen, Optional<String> token) {

        @Override
        public String toString() {
            return "Http[" + listen + "]";
        }
    }

    /**
     * What the Kafka side listens on and how much it takes in.
     *
     * @param advertised         empty: what is bound is what is advertised
     * @param maxConnectionIdle  a connection that is silent for longer is closed
     * @param maxRequestBytes    of one request
     * @param maxQueuedBytes     of all requests that are read and not yet answered
     */
    public record Network(
            Identity identity,
            List<Endpoint> listeners,
            List<Endpoint> advertised,
            int threads,
            Duration maxConnectionIdle,
            int maxRequestBytes,
            long maxQueuedBytes) {

        public Network {
            listeners = List.copyOf(listeners);
            advertised = List.copyOf(advertised);
        }

        public int brokerId() {
            return identity.brokerId();
        }
    }

    /** This broker among those of its store. */
    public record Identity(int brokerId, Optional<String> rack, Duration heartbeatInterval, Duration sessionTimeout) {}

    /**
     * The Postgres database that holds the log.
     *
     * @param url             JDBC URL; empty when the embedded Postgres is asked for
     * @param connections     for appends and everything that is not a cold read
     * @param readConnections for cold reads
     */
    public record Store(
            Optional<String> url,
            String user,
            String password,
            Embedded embedded,
            int connections,
            int readConnections) {

        @Override
        public String toString() {
            return "Store[" + url.map(text -> "url given").orElse("embedded") + "]";
        }
    }

    /** The Postgres that Paillette runs itself: its port on 127.0.0.1 and the directory that holds everything of it. */
    public record Embedded(int port, Path dataDir) {}

    /**
     * Topics and the log.
     *
     * @param partitions     of a topic that does not say how many
     * @param autoCreate     whether asking for the metadata of a topic may create it
     * @param maxBatchBytes  of one record batch
     * @param maxFetchBytes  of one answer
     * @param tailCacheBytes of all partitions together
     * @param topicDefaults  every topic config by its topic-level name ({@code retention.ms})
     * @param housekeeping   how room is made
     */
    public record Log(
            int partitions,
            boolean autoCreate,
            int maxBatchBytes,
            int maxFetchBytes,
            long tailCacheBytes,
            Map<String, String> topicDefaults,
            Housekeeping housekeeping) {

        public Log {
            topicDefaults = Map.copyOf(topicDefaults);
        }
    }

    /**
     * @param segmentBytes    size of a segment table
     * @param retentionCheck  pause between looks for records to be deleted
     * @param compactionPause pause between looks for topics to be compacted
     * @param keyBytes        memory for the keys of a compaction
     * @param producerExpiry  an idempotent producer that is silent for longer is forgotten
     */
    public record Housekeeping(
            int segmentBytes,
            Duration retentionCheck,
            Duration compactionPause,
            int keyBytes,
            Duration producerExpiry) {}

    /**
     * A database to capture.
     *
     * @param fromStore whether it is the store's own database: then the URL, and credentials not given, are the store's
     * @param options   what the user wrote; an option that is absent has its default
     * @param masks     likewise, those that stand for the values of columns, by key
     */
    public record Source(
            String name, boolean fromStore, Map<CaptureOption, String> options, Map<String, String> masks) {

        public Source {
            options = Map.copyOf(options);
            masks = Map.copyOf(masks);
        }

        /** Never the values: one of them is a password. Nor the keys that have a salt. */
        @Override
        public String toString() {
            return "Source[" + name + ", " + options.keySet() + "]";
        }
    }

    /**
     * A topic fed from tables, where it should differ from {@code <source>.<schema>.<table>}.
     *
     * @param source     the source it is fed from
     * @param written    what the user wrote, by key without the sequence's name; paths are absolute
     */
    public record Sequence(
            String name,
            String source,
            SequenceTopic topic,
            Selection selection,
            Told told,
            Processing processing,
            Map<String, String> written) {

        public Sequence {
            written = Collections.unmodifiableMap(new LinkedHashMap<>(written));
        }
    }

    /**
     * A sequence's topic.
     *
     * @param partitions empty: as {@code num.partitions} says
     * @param configs    which it is made with, by Kafka's names
     */
    public record SequenceTopic(String name, OptionalInt partitions, Map<String, String> configs) {

        public SequenceTopic {
            configs = Map.copyOf(configs);
        }

        /** Only the newest record of each key is kept. */
        public boolean isCompacted() {
            return configs.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "")
                    .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
        }
    }

    /**
     * Which changes go to a sequence.
     *
     * @param tables patterns, {@code schema.table}
     * @param where  an SQL condition; empty: each change
     */
    public record Selection(List<String> tables, Set<Operation> operations, String where) {

        public Selection {
            tables = List.copyOf(tables);
            operations = Set.copyOf(operations);
        }
    }

    /**
     * What a sequence tells of a row.
     *
     * @param columns of the value; empty: all
     * @param key     columns of the key; empty: those of the table's
     */
    public record Told(Envelope envelope, List<String> columns, List<String> key) {

        public Told {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }
    }

    /**
     * What becomes of a change before it is a record.
     *
     * @param deadLetters present: a change for which something fails goes there
     * @param retry       how long it is tried again before that
     */
    public record Processing(
            Routing routing,
            Optional<Enrichment> enrichment,
            Optional<FunctionFile> functions,
            Optional<Chain> chain,
            Optional<DeadLetters> deadLetters,
            Retry retry) {}

    /**
     * @param timeout      zero: never tried again; empty: without end
     * @param longestPause between two tries
     */
    public record Retry(Optional<Duration> timeout, Duration longestPause) {}

    /**
     * SQL expressions, each of which may be empty.
     *
     * @param headers by name
     */
    public record Routing(String topic, String key, String partition, Map<String, String> headers) {

        public Routing {
            headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        }
    }

    /** @param headers whether what the query finds goes there, and not into the value */
    public record Enrichment(String query, boolean headers) {}

    /**
     * Kafka Connect's transformations and converters.
     *
     * @param options of all of them, by key behind the sequence's name, {@code transforms.a.type}
     */
    public record Chain(List<String> transforms, List<String> predicates, Map<String, String> options) {

        public Chain {
            transforms = List.copyOf(transforms);
            predicates = List.copyOf(predicates);
            options = Map.copyOf(options);
        }

        /** Never the values: one may be a converter's password. */
        @Override
        public String toString() {
            return "Chain[" + transforms + "]";
        }
    }

    /** @param context whether records say in headers what has failed */
    public record DeadLetters(String topic, boolean context) {}

    /** A file of functions, as it was when the configuration was read; what its name ends with says in what it is written. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record FunctionFile(String name, byte[] content) {}
}
