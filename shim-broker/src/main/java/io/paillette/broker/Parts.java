package io.paillette.broker;

import io.paillette.broker.api.ApiSettings;
import io.paillette.broker.api.ApiSettings.BrokerConfigEntry;
import io.paillette.broker.cli.StartException;
import io.paillette.broker.cluster.Member.Address;
import io.paillette.broker.cluster.Registration;
import io.paillette.broker.config.BrokerConfig;
import io.paillette.broker.config.BrokerConfig.Sequence;
import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.broker.config.BrokerKeys;
import io.paillette.broker.config.Endpoint;
import io.paillette.broker.config.ProductVersion;
import io.paillette.broker.feed.FeedRules;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.feed.SequenceNames;
import io.paillette.broker.feed.SequenceNames.Named;
import io.paillette.broker.feed.SequenceShape;
import io.paillette.broker.log.HousekeepingSettings;
import io.paillette.broker.log.LogSettings;
import io.paillette.broker.net.Listener;
import io.paillette.broker.net.NetSettings;
import io.paillette.broker.net.SocketServer;
import io.paillette.broker.postgres.StoreAddress;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.smt.ChainSettings;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.txn.TransactionSettings;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.TablePattern;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.filter.Enrichment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.transaction.TransactionStateManagerConfig;
import org.apache.kafka.storage.internals.log.LogConfig;

/** From the configuration, which knows no part of the broker, to what each part is told. */
final class Parts {

    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);
    private static final int FETCH_SESSIONS = 1000;
    private static final Pattern USER_IN_URL = Pattern.compile("[?&]user=");

    private Parts() {}

    static List<Listener> listeners(BrokerConfig config) {
        return config.network().listeners().stream()
                .map(endpoint -> new Listener(
                        endpoint.listener(),
                        endpoint.protocol(),
                        endpoint.address().host(),
                        endpoint.address().port()))
                .toList();
    }

    static NetSettings net(BrokerConfig config) {
        BrokerConfig.Network network = config.network();
        NetSettings defaults = NetSettings.defaults();
        return new NetSettings(
                network.threads(),
                network.maxRequestBytes(),
                network.maxConnectionIdle(),
                defaults.maxUnderWay(),
                defaults.maxUnsentBytes(),
                network.maxQueuedBytes() > 0 ? network.maxQueuedBytes() : defaults.requestBudgetBytes(),
                defaults.responseBudgetBytes());
    }

    static Registration registration(BrokerConfig config, SocketServer sockets) {
        BrokerConfig.Identity identity = config.network().identity();
        return new Registration(
                identity.brokerId(),
                advertised(config, sockets),
                identity.rack(),
                config.sources().stream().map(Source::name).collect(Collectors.toSet()),
                identity.heartbeatInterval(),
                identity.sessionTimeout());
    }

    /** In the order of the listeners. What is bound is what is advertised, unless something else is asked for. */
    static List<Address> advertised(BrokerConfig config, SocketServer sockets) {
        List<Address> addresses = new ArrayList<>();
        for (Endpoint bound : config.network().listeners()) {
            Endpoint told = config.network().advertised().stream()
                    .filter(endpoint -> endpoint.listener().equals(bound.listener()))
                    .findFirst()
                    .orElse(bound);
            int port = told.address().port() == 0
                    ? sockets.boundPort(bound.listener())
                    : told.address().port();
            addresses.add(new Address(bound.listener(), told.address().host(), port));
        }
        return addresses;
    }

    static StoreAddress storeAddress(BrokerConfig config, String url) {
        return new StoreAddress(url, config.store().user(), config.store().password());
    }

    static StoreSettings store(BrokerConfig config, StoreAddress address) {
        return new StoreSettings(
                address.url(),
                Optional.of(config.store().user()).filter(user -> !user.isEmpty()),
                Optional.of(config.store().password()).filter(password -> !password.isEmpty()),
                STATEMENT_TIMEOUT,
                config.store().readConnections(),
                config.store().connections());
    }

    static LogSettings log(BrokerConfig config) {
        LogSettings defaults = LogSettings.defaults();
        return new LogSettings(
                config.log().tailCacheBytes(),
                defaults.appendQueueBytes(),
                defaults.appendPatience(),
                config.store().readConnections(),
                topicDefaults(config),
                config.log().housekeeping().producerExpiry(),
                new HousekeepingSettings(
                        config.log().housekeeping().segmentBytes(),
                        config.log().housekeeping().retentionCheck(),
                        config.log().housekeeping().compactionPause(),
                        config.log().housekeeping().keyBytes()));
    }

    static TransactionSettings transactions(BrokerConfig config) {
        var kafka = new TransactionStateManagerConfig(config.kafka());
        return new TransactionSettings(
                Duration.ofMillis(kafka.transactionMaxTimeoutMs()),
                Duration.ofMillis(kafka.transactionAbortTimedOutTransactionCleanupIntervalMs()),
                Duration.ofMillis(kafka.transactionalIdExpirationMs()),
                Duration.ofMillis(kafka.transactionRemoveExpiredTransactionalIdCleanupIntervalMs()));
    }

    /** What differs from Kafka's own defaults: told to clients as set on the broker. */
    static Map<String, String> topicDefaults(BrokerConfig config) {
        Map<String, ConfigDef.ConfigKey> kafka = LogConfig.configDefCopy().configKeys();
        return config.log().topicDefaults().entrySet().stream()
                .filter(entry -> {
                    ConfigDef.ConfigKey key = kafka.get(entry.getKey());
                    return key == null
                            || !entry.getValue().equals(ConfigDef.convertToString(key.defaultValue, key.type));
                })
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static ApiSettings api(BrokerConfig config) {
        return new ApiSettings(
                config.log().partitions(),
                config.log().autoCreate(),
                config.log().maxFetchBytes(),
                FETCH_SESSIONS,
                new LogConfig(topicDefaults(config)),
                brokerConfigs(config));
    }

    private static List<BrokerConfigEntry> brokerConfigs(BrokerConfig config) {
        return BrokerKeys.definition().configKeys().values().stream()
                .map(key -> new BrokerConfigEntry(
                        key.name,
                        key.type == ConfigDef.Type.PASSWORD
                                ? null
                                : ConfigDef.convertToString(
                                        config.kafka().values().get(key.name), key.type),
                        key.type,
                        !config.kafka().originals().containsKey(key.name),
                        key.type == ConfigDef.Type.PASSWORD,
                        key.documentation))
                .toList();
    }

    static Map<String, Named> sequenceTopics(BrokerConfig config) {
        var topics = new HashMap<String, Named>();
        for (Source source : config.sources()) {
            topics.put(
                    SequenceNames.messagesOf(source.name()), new Named(source.name(), OptionalInt.empty(), Map.of()));
            if (tellsTransactions(source)) {
                topics.put(
                        SequenceNames.transactionsOf(source.name()),
                        new Named(source.name(), OptionalInt.of(1), Map.of()));
            }
        }
        config.sequences()
                .forEach(sequence -> topics.putIfAbsent(
                        sequence.topic().name(),
                        new Named(
                                sequence.source(),
                                sequence.topic().partitions(),
                                sequence.topic().configs())));
        config.sequences().forEach(sequence -> sequence.processing()
                .deadLetters()
                .ifPresent(letters -> topics.putIfAbsent(
                        letters.topic(), new Named(sequence.source(), OptionalInt.empty(), Map.of()))));
        return topics;
    }

    private static boolean tellsTransactions(Source source) {
        return source.options()
                .getOrDefault(CaptureOption.PROVIDE_TRANSACTION_METADATA, "")
                .strip()
                .equalsIgnoreCase("true");
    }

    /**
     * @param made versions of those sequences that are not the file's
     * @throws StartException naming the option that is wrong
     */
    static FeedRules feed(BrokerConfig config, Source source, StoreAddress store, Map<String, Long> made)
            throws StartException {
        Map<CaptureOption, String> options = new EnumMap<>(CaptureOption.class);
        options.putAll(source.options());
        if (source.fromStore()) {
            options.put(CaptureOption.URL, store.url());
            options.putIfAbsent(CaptureOption.USER, store.user());
            options.putIfAbsent(CaptureOption.PASSWORD, store.password());
        }
        try {
            oneUser(options);
            CaptureSettings capture = CaptureSettings.of(source.name(), options, source.masks());
            return new FeedRules(
                    capture,
                    ProductVersion.current(),
                    new StoreAddress(
                                    capture.server().jdbcUrl(), capture.server().user(), "")
                            .database(),
                    config.log().partitions(),
                    sequences(config, source),
                    made);
        } catch (IllegalArgumentException e) {
            throw new StartException("source." + source.name() + "." + e.getMessage(), e);
        }
    }

    /** The driver would silently take the one in the URL. */
    private static void oneUser(Map<CaptureOption, String> options) {
        String user = options.getOrDefault(CaptureOption.USER, "");
        String url = options.getOrDefault(CaptureOption.URL, "");
        if (!user.isEmpty() && USER_IN_URL.matcher(url).find()) {
            throw new IllegalArgumentException(
                    "user: given here and in the URL as well, which would win; take user=... out of the URL");
        }
    }

    private static List<SequenceRule> sequences(BrokerConfig config, Source source) {
        return config.sequences().stream()
                .filter(sequence -> sequence.source().equals(source.name()))
                .map(Parts::rule)
                .toList();
    }

    private static SequenceRule rule(Sequence sequence) {
        return new SequenceRule(
                sequence.name(),
                sequence.selection().tables().stream().map(TablePattern::new).toList(),
                sequence.topic().name(),
                sequence.topic().isCompacted(),
                sequence.selection().operations(),
                new SqlCondition(
                        "sequence." + sequence.name() + ".where",
                        sequence.selection().where()),
                new SequenceShape(
                        sequence.told().envelope(),
                        sequence.told().columns(),
                        sequence.told().key()),
                processing(sequence));
    }

    private static FeedRules.Processing processing(Sequence sequence) {
        BrokerConfig.Processing configured = sequence.processing();
        return new FeedRules.Processing(
                choice(sequence.name(), configured.routing()),
                configured
                        .enrichment()
                        .map(one -> new Enrichment(
                                new SqlFragment("The query of sequence." + sequence.name() + ".enrich", one.query()),
                                one.headers() ? Enrichment.Form.TEXTS : Enrichment.Form.JSON)),
                configured.functions().map(file -> new FeedRules.FunctionFile(file.name(), file.content())),
                configured
                        .chain()
                        .map(chain -> new ChainSettings(
                                "sequence." + sequence.name() + ".",
                                chain.transforms(),
                                chain.predicates(),
                                chain.options())),
                configured
                        .deadLetters()
                        .map(letters -> new FeedRules.DeadLetterRule(letters.topic(), letters.context())),
                new FeedRules.RetryRule(
                        configured.retry().timeout(), configured.retry().longestPause()));
    }

    private static FeedRules.Choice choice(String name, BrokerConfig.Routing routing) {
        String named = "The expression of sequence." + name + ".route.";
        var headers = new LinkedHashMap<String, SqlFragment>();
        routing.headers()
                .forEach((header, sql) -> headers.put(header, new SqlFragment(named + "headers." + header, sql)));
        return new FeedRules.Choice(
                Optional.of(new SqlFragment(named + "topic", routing.topic()))
                        .filter(one -> !one.text().isEmpty()),
                Optional.of(new SqlFragment(named + "key", routing.key()))
                        .filter(one -> !one.text().isEmpty()),
                Optional.of(new SqlFragment(named + "partition", routing.partition()))
                        .filter(one -> !one.text().isEmpty()),
                headers);
    }

    /** Those of all sequences, which have one plugin path. */
    static Plugins plugins(BrokerConfig config) {
        return new Plugins(config.pluginPath());
    }
}
