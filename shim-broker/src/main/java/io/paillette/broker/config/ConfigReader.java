package io.paillette.broker.config;

import io.paillette.broker.config.BrokerConfig.Embedded;
import io.paillette.broker.config.BrokerConfig.Network;
import io.paillette.broker.config.BrokerConfig.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.transaction.TransactionLogConfig;
import org.apache.kafka.coordinator.transaction.TransactionStateManagerConfig;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.server.config.ServerConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Turns text into a {@link BrokerConfig}, or into the list of everything that is wrong with it. */
public final class ConfigReader {

    private final Settings settings;
    private final List<String> problems;
    private final Map<String, Object> values = new HashMap<>();

    private ConfigReader(Settings settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /**
     * Reads, checks and types everything.
     *
     * @throws InvalidConfigException with every problem, not just the first
     */
    public static BrokerConfig read(ConfigInput input) throws InvalidConfigException {
        var problems = new ArrayList<String>();
        Settings settings = Settings.read(input, problems);
        var reader = new ConfigReader(settings, problems);
        reader.parseFixedKeys();
        reader.findPlugins();
        List<Endpoint> listeners = reader.endpoints(BrokerKeys.LISTENERS);
        List<Endpoint> advertised = reader.endpoints(BrokerKeys.ADVERTISED_LISTENERS);
        reader.checkAdvertised(listeners, advertised);
        reader.checkSession();
        reader.checkProtocols();
        Optional<BrokerConfig.Http> http = reader.http();
        Store store = reader.store(input.home());
        var feeds = new FeedReader(settings, problems);
        var sources = feeds.sources();
        var sequences = feeds.sequences(sources);
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        AbstractConfig kafka = reader.kafka();
        return new BrokerConfig(
                reader.network(listeners, advertised), http, store, reader.log(kafka), sources, sequences, kafka);
    }

    private void parseFixedKeys() {
        for (ConfigDef.ConfigKey key : BrokerKeys.definition().configKeys().values()) {
            Object written = settings.find(key.name).<Object>map(Setting::value).orElse(key.defaultValue);
            try {
                Object value = ConfigDef.parseType(key.name, written, key.type);
                if (key.validator != null) {
                    key.validator.ensureValid(key.name, value);
                }
                values.put(key.name, value);
            } catch (ConfigException e) {
                problems.add(settings.describe(key.name) + ": " + e.getMessage());
                values.put(key.name, ConfigDef.parseType(key.name, key.defaultValue, key.type));
            }
        }
    }

    /** Paths as they are from anywhere. */
    private void findPlugins() {
        Optional<Setting> setting = settings.find(BrokerKeys.PLUGIN_PATH);
        if (setting.isEmpty()) {
            return;
        }
        var paths = new ArrayList<String>();
        for (String given : strings(BrokerKeys.PLUGIN_PATH)) {
            Path path = setting.get().base().resolve(given).toAbsolutePath().normalize();
            if (!Files.exists(path)) {
                problems.add(settings.describe(BrokerKeys.PLUGIN_PATH) + ": there is no " + path
                        + ": name a directory that holds plugins, each a jar or a directory of jars");
            }
            paths.add(path.toString());
        }
        values.put(BrokerKeys.PLUGIN_PATH, paths);
    }

    private List<Endpoint> endpoints(String key) {
        Map<String, SecurityProtocol> protocols = protocols();
        var endpoints = new ArrayList<Endpoint>();
        var names = new HashSet<String>();
        for (String text : strings(key)) {
            parsed(key, () -> Endpoint.parse(text, protocols)).ifPresent(endpoint -> {
                if (!names.add(endpoint.listener())) {
                    problems.add(settings.describe(key) + ": listener " + endpoint.listener()
                            + " is there twice: give each listener a name of its own");
                }
                endpoints.add(endpoint);
            });
        }
        if (key.equals(BrokerKeys.LISTENERS) && strings(key).isEmpty()) {
            problems.add(settings.describe(key) + " is empty: expected NAME://host:port");
        }
        return endpoints;
    }

    private Map<String, SecurityProtocol> protocols() {
        var protocols = new HashMap<String, SecurityProtocol>();
        for (String pair : string(BrokerKeys.PROTOCOL_MAP).split(",", -1)) {
            parsed(BrokerKeys.PROTOCOL_MAP, () -> {
                int colon = pair.indexOf(':');
                if (colon <= 0) {
                    throw new IllegalArgumentException("\"" + pair + "\" is not NAME:PROTOCOL");
                }
                String name = pair.substring(0, colon).strip().toUpperCase(Locale.ROOT);
                protocols.put(
                        name, SecurityProtocol.forName(pair.substring(colon + 1).strip()));
                return name;
            });
        }
        return protocols;
    }

    private void checkAdvertised(List<Endpoint> listeners, List<Endpoint> advertised) {
        var names = listeners.stream().map(Endpoint::listener).toList();
        for (Endpoint endpoint : advertised) {
            String host = endpoint.address().host();
            if (!names.contains(endpoint.listener())) {
                problems.add(settings.describe(BrokerKeys.ADVERTISED_LISTENERS) + ": no listener is called "
                        + endpoint.listener() + "; listeners has " + String.join(", ", names));
            }
            if (host.isEmpty() || host.equals("0.0.0.0") || host.equals("::")) {
                problems.add(settings.describe(BrokerKeys.ADVERTISED_LISTENERS) + ": " + endpoint
                        + " is no address that a client can connect to: name the host as clients see it");
            }
        }
    }

    private Optional<BrokerConfig.Http> http() {
        String text = string(BrokerKeys.HTTP_LISTEN).strip();
        Optional<HostPort> listen =
                text.isEmpty() ? Optional.empty() : parsed(BrokerKeys.HTTP_LISTEN, () -> HostPort.parse(text));
        Optional<String> token = Optional.of(password(BrokerKeys.HTTP_TOKEN)).filter(given -> !given.isEmpty());
        return listen.map(address -> new BrokerConfig.Http(address, token));
    }

    private BrokerConfig.Identity identity() {
        return new BrokerConfig.Identity(
                integer(BrokerKeys.BROKER_ID),
                Optional.of(string(BrokerKeys.RACK)).filter(rack -> !rack.isEmpty()),
                Duration.ofMillis(number(BrokerKeys.HEARTBEAT_INTERVAL_MS)),
                Duration.ofMillis(number(BrokerKeys.SESSION_TIMEOUT_MS)));
    }

    private void checkSession() {
        if (number(BrokerKeys.SESSION_TIMEOUT_MS) < 2 * number(BrokerKeys.HEARTBEAT_INTERVAL_MS)) {
            problems.add(settings.describe(BrokerKeys.SESSION_TIMEOUT_MS) + " must be at least twice "
                    + BrokerKeys.HEARTBEAT_INTERVAL_MS + ", or one late heartbeat would cost the broker its session");
        }
    }

    /** Kafka refuses it, too: every coordinator serves the classic protocol. */
    private void checkProtocols() {
        if (strings(CoordinatorKeys.PROTOCOLS).stream().noneMatch(protocol -> protocol.equalsIgnoreCase("classic"))) {
            problems.add(settings.describe(CoordinatorKeys.PROTOCOLS) + ": classic cannot be left out");
        }
    }

    private Network network(List<Endpoint> listeners, List<Endpoint> advertised) {
        return new Network(
                identity(),
                listeners,
                advertised,
                integer(BrokerKeys.NETWORK_THREADS),
                Duration.ofMillis(number(BrokerKeys.CONNECTIONS_MAX_IDLE_MS)),
                integer(BrokerKeys.REQUEST_MAX_BYTES),
                number(BrokerKeys.QUEUED_MAX_REQUEST_BYTES));
    }

    private Store store(Path home) {
        String url = string(BrokerKeys.STORE_URL).strip();
        boolean embedded = url.equals("embedded");
        if (!embedded && !url.startsWith("jdbc:postgresql:")) {
            problems.add(settings.describe(BrokerKeys.STORE_URL)
                    + ": expected embedded or a JDBC URL, as in jdbc:postgresql://localhost:5432/paillette");
        }
        Path base = settings.find(BrokerKeys.DATA_DIR).map(Setting::base).orElse(home);
        return new Store(
                embedded ? Optional.empty() : Optional.of(url),
                string(BrokerKeys.STORE_USER),
                password(BrokerKeys.STORE_PASSWORD),
                new Embedded(
                        integer(BrokerKeys.EMBEDDED_PORT),
                        base.resolve(string(BrokerKeys.DATA_DIR))
                                .toAbsolutePath()
                                .normalize()),
                integer(BrokerKeys.STORE_CONNECTIONS),
                integer(BrokerKeys.STORE_READ_CONNECTIONS));
    }

    private BrokerConfig.Log log(AbstractConfig kafka) {
        return new BrokerConfig.Log(
                integer(BrokerKeys.NUM_PARTITIONS),
                bool(BrokerKeys.AUTO_CREATE_TOPICS),
                integer(BrokerKeys.MESSAGE_MAX_BYTES),
                integer(BrokerKeys.FETCH_MAX_BYTES),
                number(BrokerKeys.TAIL_CACHE_BYTES),
                TopicDefaults.from(kafka),
                new BrokerConfig.Housekeeping(
                        integer(BrokerKeys.SEGMENT_BYTES),
                        Duration.ofMillis(number(BrokerKeys.RETENTION_CHECK_MS)),
                        Duration.ofMillis(number(BrokerKeys.CLEANER_BACKOFF_MS)),
                        (int) number(BrokerKeys.DEDUPE_BUFFER_BYTES),
                        Duration.ofMillis(number(BrokerKeys.PRODUCER_EXPIRY_MS))));
    }

    /** Kafka's config classes read keys that we do not expose too; those have Kafka's defaults. */
    private AbstractConfig kafka() {
        var definition = new ConfigDef();
        for (ConfigDef part : List.of(
                BrokerKeys.definition(),
                GroupCoordinatorConfig.CONFIG_DEF,
                LogConfig.SERVER_CONFIG_DEF,
                SocketServerConfigs.CONFIG_DEF,
                ServerConfigs.CONFIG_DEF,
                TransactionLogConfig.CONFIG_DEF,
                TransactionStateManagerConfig.CONFIG_DEF)) {
            part.configKeys().forEach((name, key) -> {
                if (!definition.configKeys().containsKey(name)) {
                    definition.define(key);
                }
            });
        }
        // Of these alone clients are told that somebody has set them.
        var written = new HashMap<String, Object>(values);
        written.entrySet()
                .removeIf(entry -> entry.getValue() == null
                        || settings.find(entry.getKey()).isEmpty());
        // As a file would have it: Kafka reads one list raw, group.streams.rack.aware.assignment.tags.
        written.replaceAll((name, value) ->
                value instanceof List<?> ? ConfigDef.convertToString(value, ConfigDef.Type.LIST) : value);
        return new AbstractConfig(definition, written, false);
    }

    private <T> Optional<T> parsed(String key, Supplier<T> parser) {
        try {
            return Optional.of(parser.get());
        } catch (IllegalArgumentException e) {
            problems.add(settings.describe(key) + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private String string(String key) {
        return String.valueOf(values.get(key));
    }

    private String password(String key) {
        return values.get(key) instanceof Password password ? password.value() : "";
    }

    private List<String> strings(String key) {
        return values.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    private int integer(String key) {
        return Math.toIntExact(number(key));
    }

    private long number(String key) {
        if (values.get(key) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalStateException(key + " is not a number");
    }

    private boolean bool(String key) {
        return Boolean.TRUE.equals(values.get(key));
    }
}
