package io.paillette.broker;

import io.paillette.broker.cli.ReadyLine;
import io.paillette.broker.cli.RunningBroker;
import io.paillette.broker.cli.StartException;
import io.paillette.broker.config.BrokerConfig;
import io.paillette.broker.config.BrokerKeys;
import io.paillette.broker.config.HostPort;
import io.paillette.broker.embedded.EmbeddedPostgres;
import io.paillette.broker.embedded.EmbeddedPostgresException;
import io.paillette.broker.http.Status;
import io.paillette.broker.http.StatusServer;
import io.paillette.broker.postgres.PsqlUri;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.store.StoreException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All parts in the order they start; they stop in the opposite order. */
final class Broker implements RunningBroker {

    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    private final BrokerConfig config;
    private final Deque<Runnable> stops = new ArrayDeque<>();
    private Optional<EmbeddedPostgres> embedded = Optional.empty();
    private Optional<StatusServer> http = Optional.empty();
    private StoreSettings store;

    private Broker(BrokerConfig config) {
        this.config = config;
        this.store = storeSettings(config.store());
    }

    /**
     * Starts everything, or nothing.
     *
     * @throws StartException when configuration or environment does not allow it
     */
    static RunningBroker start(BrokerConfig config) throws StartException, InterruptedException {
        var broker = new Broker(config);
        boolean started = false;
        try {
            broker.startStore();
            broker.startHttp();
            started = true;
            return broker;
        } finally {
            if (!started) {
                broker.close();
            }
        }
    }

    @Override
    public ReadyLine readyLine() {
        return new ReadyLine(
                config.network().listeners().get(0).address().toString(),
                http.map(server -> "http://" + hostPort(server.address())),
                PsqlUri.of(store).toString());
    }

    @Override
    public void close() {
        while (!stops.isEmpty()) {
            stops.pop().run();
        }
    }

    private void startStore() throws StartException, InterruptedException {
        if (config.store().url().isEmpty()) {
            var settings = config.store().embedded();
            try {
                var postgres = EmbeddedPostgres.start(settings.dataDir(), settings.port());
                stops.push(postgres::close);
                embedded = Optional.of(postgres);
                store = storeSettings(config.store().at(postgres.jdbcUrl()));
            } catch (EmbeddedPostgresException e) {
                throw new StartException(String.valueOf(e.getMessage()), e);
            }
        }
        try {
            var opened = Store.open(store);
            stops.push(opened::close);
        } catch (StoreException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static StoreSettings storeSettings(BrokerConfig.Store given) {
        return new StoreSettings(
                given.url().orElse(""),
                Optional.of(given.user()).filter(user -> !user.isEmpty()),
                Optional.of(given.password()).filter(password -> !password.isEmpty()),
                STATEMENT_TIMEOUT,
                given.readConnections(),
                given.connections());
    }

    private void startHttp() throws StartException {
        if (config.http().isEmpty()) {
            return;
        }
        HostPort address = config.http().get();
        try {
            var server = StatusServer.start(resolve(address), this::status);
            stops.push(server::close);
            http = Optional.of(server);
        } catch (IOException e) {
            throw cannotListen(BrokerKeys.HTTP_LISTEN, address, e);
        }
    }

    private Status status() {
        List<String> problems = embedded.filter(postgres -> !postgres.isRunning())
                .map(postgres -> List.of("the embedded Postgres is down; it is being started again"))
                .orElse(List.of());
        return new Status(
                problems, Map.of("broker", Map.of("id", config.network().brokerId()), "store", PsqlUri.of(store).toString()));
    }

    static InetSocketAddress resolve(HostPort address) throws UnknownHostException {
        return address.host().isEmpty()
                ? new InetSocketAddress(address.port())
                : new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
    }

    /** One sentence for a listener that could not be opened. */
    static StartException cannotListen(String key, HostPort address, IOException cause) {
        if (cause instanceof UnknownHostException) {
            return new StartException(key + ": there is no host " + address.host() + ": name one of this machine", cause);
        }
        if (cause instanceof BindException && String.valueOf(cause.getMessage()).contains("in use")) {
            return new StartException(
                    address + " is in use: stop what listens there, or set " + key + " to a free port", cause);
        }
        return new StartException(key + ": cannot listen on " + address + ": " + cause.getMessage(), cause);
    }

    private static String hostPort(InetSocketAddress address) {
        String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString();
        return new HostPort(host, address.getPort()).toString();
    }
}
