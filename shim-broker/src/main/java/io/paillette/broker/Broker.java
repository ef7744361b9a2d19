package io.paillette.broker;

import io.paillette.broker.api.ApiHandlers;
import io.paillette.broker.api.ApiSettings;
import io.paillette.broker.api.BrokerIdentity;
import io.paillette.broker.api.GroupHandlers;
import io.paillette.broker.api.TransactionHandlers;
import io.paillette.broker.cli.ReadyLine;
import io.paillette.broker.cli.RunningBroker;
import io.paillette.broker.cli.StartException;
import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Member.Address;
import io.paillette.broker.config.BrokerConfig;
import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.broker.config.HostPort;
import io.paillette.broker.embedded.EmbeddedPostgres;
import io.paillette.broker.embedded.EmbeddedPostgresException;
import io.paillette.broker.feed.DefinitionReader.Reading;
import io.paillette.broker.feed.FeedDesk;
import io.paillette.broker.feed.FeedState;
import io.paillette.broker.feed.FeedState.Phase;
import io.paillette.broker.feed.SequenceDefinition;
import io.paillette.broker.feed.SequenceNames;
import io.paillette.broker.feed.Sequences;
import io.paillette.broker.feed.SourceFeeds;
import io.paillette.broker.feed.StoppedSequence;
import io.paillette.broker.group.GroupOffsets;
import io.paillette.broker.group.Groups;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.http.Status;
import io.paillette.broker.http.StatusServer;
import io.paillette.broker.inbox.Inbox;
import io.paillette.broker.log.HousekeepingCounts;
import io.paillette.broker.log.Logs;
import io.paillette.broker.metrics.Metrics;
import io.paillette.broker.net.SocketServer;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreAddress;
import io.paillette.broker.postgres.StoreProbe;
import io.paillette.broker.replay.Replays;
import io.paillette.broker.rewind.Rewinds;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.LedParticipants;
import io.paillette.broker.txn.TransactionEnds;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.Dispatcher;
import io.paillette.broker.wire.RequestCounts;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.SlotState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.DuplicateBrokerRegistrationException;
import org.apache.kafka.common.utils.Time;

/**
 * The broker, put together: sockets bound first, so that a taken port is told at once; then store, its place among the brokers,
 * topics and log, groups, handlers; then clients are let in, and last it leads its share. Stops in the opposite order: first of
 * all it hands over what it leads.
 */
final class Broker implements RunningBroker {

    /** A source that waits for its slot may take longer; then clients are let in before it runs. */
    private static final Duration SOURCE_START = Duration.ofSeconds(10);

    private final BrokerConfig config;
    private final Stopper stopper = new Stopper();
    private final Metrics metrics = stopper.add(new Metrics());
    private volatile Optional<Logs> logs = Optional.empty();
    private final List<Supplier<List<String>>> complaints = new CopyOnWriteArrayList<>();
    private volatile Optional<SourceFeeds> feeds = Optional.empty();
    private volatile Optional<EmbeddedPostgres> embedded = Optional.empty();
    private volatile ReadyLine readyLine = new ReadyLine("", Optional.empty(), "");

    private Broker(BrokerConfig config) {
        this.config = config;
    }

    /** What {@link io.paillette.broker.cli.BrokerStarter} promises. */
    static RunningBroker start(BrokerConfig config) throws StartException, InterruptedException {
        var broker = new Broker(config);
        try {
            broker.start();
            return broker;
        } catch (IOException | EmbeddedPostgresException | StoreException e) {
            broker.close();
            throw new StartException(String.valueOf(e.getMessage()), e);
        } catch (StartException | InterruptedException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    private void start() throws StartException, IOException, EmbeddedPostgresException, InterruptedException {
        SocketServer sockets = stopper.add(SocketServer.bind(Parts.listeners(config), Parts.net(config)));
        Optional<StatusServer> http = http();
        var measured = new Measured(metrics);
        measured.sockets(sockets);
        measured.feeds(this::feedStates);
        StoreAddress address = Parts.storeAddress(config, storeUrl());
        Optional<String> problem = StoreProbe.problem(address);
        if (problem.isPresent()) {
            throw new StartException(problem.get());
        }
        Store store = stopper.add(Store.open(Parts.store(config, address)));
        complaints.add(store.health()::problems);
        measured.store(store);
        Cluster cluster = join(store, sockets);
        Logs logs = stopper.add(Logs.open(Parts.log(config), store.logs(), store.feeds(), cluster, Time.SYSTEM));
        this.logs = Optional.of(logs);
        List<SequenceDefinition> made = store.sequences().all();
        var definitions = new ConfiguredSequences(config, address);
        Reading reading = definitions.atStart(made);
        var names = new SequenceNames(
                config.sources().stream().map(Source::name).collect(Collectors.toSet()), reading.topics());
        Topics topics = stopper.add(Topics.open(store.topics(), logs, Parts.topicDefaults(config), names));
        Transactions transactions = stopper.add(
                new Transactions(store.transactions(), logs.producerIds()::await, Parts.transactions(config)));
        Groups groups = stopper.add(Groups.start(
                store.groups(), config.kafka(), config.network().brokerId(), topics, logs, transactions::enter));
        TransactionEnds ends = stopper.add(TransactionEnds.start(
                store.transactions(), transactions, cluster, new LedParticipants(topics, logs, groups.coordinator())));
        complaints.add(() -> groups.isReady() ? List.of() : List.of("consumer groups are not all loaded"));
        SqlOffsets sqlOffsets = stopper.add(new SqlOffsets(store.sqlOffsets()));
        var identity = new BrokerIdentity(store.clusterId(), cluster);
        ApiSettings settings = Parts.api(config);
        ApiHandlers handlers = stopper.add(new ApiHandlers(
                identity,
                topics,
                logs,
                transactions,
                settings,
                List.of(
                        GroupHandlers.of(identity, groups, topics, sqlOffsets, settings),
                        TransactionHandlers.of(identity, transactions, topics, logs, groups))));
        Plugins plugins = stopper.add(Parts.plugins(config));
        SourceFeeds sources = stopper.add(SourceFeeds.follow(reading, topics, logs, store.sequences(), plugins));
        feeds = Optional.of(sources);
        var sequences = new Sequences(
                definitions,
                store.sequences(),
                names,
                sources,
                topics,
                config.log().partitions(),
                ConfiguredSequences.versions(made));
        stopper.add(FeedDesk.start(store.backfills(), sources, sequences));
        var counts = new RequestCounts();
        measured.requests(counts);
        measured.log(logs, handlers);
        measured.transactions(transactions, ends);
        sockets.start(new Dispatcher(handlers.registry(), counts), version -> handlers.versions());
        stopper.add(sockets::drain);
        Inbox inbox = stopper.add(Inbox.start(config.network().brokerId(), store.inbox(), logs));
        complaints.add(inbox::problems);
        measured.inbox(inbox);
        Replays replays = stopper.add(Replays.start(config.network().brokerId(), store.replays(), logs));
        measured.replays(replays);
        measured.sequences(sources);
        lead(cluster, topics, groups, ends);
        awaitSources(sources, made.stream().map(SequenceDefinition::source).collect(Collectors.toSet()));
        var rewinds =
                new Rewinds(topics, logs, sequences, new GroupOffsets(groups, sqlOffsets, Parts::asBroker), cluster);
        http.ifPresent(server -> server.serve(sequences, store.backfills(), replays, rewinds));
        Address kafka = Parts.advertised(config, sockets).get(0);
        readyLine = new ReadyLine(
                new HostPort(kafka.host(), kafka.port()).toString(),
                http.map(server -> "http://"
                        + new HostPort(
                                server.address().getHostString(),
                                server.address().getPort())),
                address.psqlUri());
    }

    private Cluster join(Store store, SocketServer sockets) throws StartException, InterruptedException {
        try {
            return stopper.add(Cluster.join(Parts.registration(config, sockets), store.cluster()));
        } catch (DuplicateBrokerRegistrationException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Clients are served by now: this broker may be given what it is to lead. Returns when it leads it. */
    private void lead(Cluster cluster, Topics topics, Groups groups, TransactionEnds ends) {
        cluster.onChange(() -> {
            groups.settle(cluster);
            var unused = topics.follow(cluster.topicsRevision()).whenComplete((done, failure) -> {
                if (failure != null) {
                    cluster.settleAgain();
                }
                ends.settle();
            });
        });
        cluster.serve();
        stopper.add(cluster::handOver);
        topics.follow(cluster.topicsRevision()).join();
        cluster.awaitLeaders(groups.duties()).join();
    }

    private Optional<StatusServer> http() throws IOException {
        Optional<HostPort> listen = config.http().map(BrokerConfig.Http::listen);
        if (listen.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(stopper.add(StatusServer.start(
                    new InetSocketAddress(listen.get().host(), listen.get().port()),
                    this::status,
                    metrics::scrape,
                    config.http().flatMap(BrokerConfig.Http::token))));
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on %s: %s; free the port or change \"http.listen\""
                            .formatted(listen.get(), e.getMessage()),
                    e);
        }
    }

    private String storeUrl() throws EmbeddedPostgresException, InterruptedException {
        if (config.store().url().isPresent()) {
            return config.store().url().get();
        }
        var settings = config.store().embedded();
        EmbeddedPostgres postgres = stopper.add(EmbeddedPostgres.start(settings.dataDir(), settings.port()));
        embedded = Optional.of(postgres);
        return postgres.jdbcUrl();
    }

    /** @param mendable sources of which a sequence can be mended on the running broker alone, so that it has to run */
    private static void awaitSources(SourceFeeds sources, Set<String> mendable)
            throws StartException, InterruptedException {
        for (FeedState state : sources.awaitStart(SOURCE_START)) {
            if (state.phase() == Phase.FAILED && !mendable.contains(state.source())) {
                throw new StartException("source " + state.source() + ": " + state.reason());
            }
        }
    }

    private Status status() {
        var problems = new ArrayList<String>();
        var warnings = new ArrayList<String>();
        var sources = new ArrayList<Map<String, Object>>();
        for (FeedState state : feedStates()) {
            if (state.phase() == Phase.FAILED || state.phase() == Phase.RETRYING) {
                problems.add("source " + state.source() + ": " + state.reason());
            }
            state.slot()
                    .flatMap(SlotState::warning)
                    .ifPresent(warning -> warnings.add("source " + state.source() + ": " + warning));
            state.stopped().stream()
                    .filter(sequence -> !sequence.reason().isEmpty())
                    .forEach(sequence -> warnings.add("sequence " + sequence.name() + " has stopped at "
                            + sequence.place() + ": " + sequence.reason()));
            sources.add(told(state));
        }
        embedded.filter(postgres -> !postgres.isRunning())
                .ifPresent(down -> problems.add("the embedded Postgres is down; it is being started again"));
        complaints.forEach(part -> problems.addAll(part.get()));
        if (readyLine.kafka().isEmpty()) {
            problems.add("starting");
        }
        var details = new LinkedHashMap<String, Object>();
        details.put("broker", config.network().brokerId());
        details.put("sources", sources);
        logs.ifPresent(open -> details.put("housekeeping", housekeeping(open.housekeepingCounts())));
        return new Status(problems, warnings, details);
    }

    private static Map<String, Object> told(FeedState state) {
        var source = new LinkedHashMap<String, Object>();
        source.put("name", state.source());
        source.put("state", state.phase().name());
        source.put("reason", state.reason());
        source.put("position", state.position());
        source.put("records", state.records());
        state.lagBytes().ifPresent(bytes -> source.put("lagBytes", bytes));
        state.slot().ifPresent(slot -> {
            source.put("retainedWalBytes", slot.retainedBytes());
            source.put("walStatus", slot.walStatus());
        });
        state.reading().filter(reading -> reading.tables() > 0).ifPresent(reading -> {
            source.put("tables", reading.tables());
            source.put("tablesRead", reading.tablesRead());
            source.put("rowsRead", reading.rows());
            source.put("estimatedRows", reading.estimatedRows());
        });
        if (!state.backfills().isEmpty()) {
            source.put("backfills", state.backfills().stream().map(Broker::told).toList());
        }
        if (!state.stopped().isEmpty()) {
            source.put("behind", state.stopped().stream().map(Broker::told).toList());
        }
        return source;
    }

    private static Map<String, Object> told(StoppedSequence sequence) {
        return Map.of("sequence", sequence.name(), "position", sequence.place(), "reason", sequence.reason());
    }

    private static Map<String, Object> told(BackfillProgress progress) {
        var backfill = new LinkedHashMap<String, Object>();
        backfill.put("id", progress.asked().id());
        backfill.put("table", progress.asked().table().toString());
        backfill.put("condition", progress.asked().where());
        backfill.put("state", progress.state().name());
        backfill.put("paused", progress.asked().paused());
        backfill.put("rows", progress.rows());
        backfill.put("estimatedRows", progress.estimatedRows());
        backfill.put("fault", progress.fault());
        return backfill;
    }

    private List<FeedState> feedStates() {
        return feeds.map(SourceFeeds::states).orElse(List.of());
    }

    private static Map<String, Object> housekeeping(HousekeepingCounts counts) {
        var told = new LinkedHashMap<String, Object>();
        told.put("segmentsBegun", counts.segmentsBegun());
        told.put("segmentsDropped", counts.segmentsDropped());
        told.put("logStartsMoved", counts.logStartsMoved());
        told.put("rangesMoved", counts.rangesMoved());
        told.put("compactions", counts.compactions());
        told.put("batchesReplaced", counts.batchesReplaced());
        told.put("batchesDeleted", counts.batchesDeleted());
        told.put("failures", counts.failures());
        return told;
    }

    @Override
    public ReadyLine readyLine() {
        return readyLine;
    }

    @Override
    public void close() {
        stopper.close();
    }
}
