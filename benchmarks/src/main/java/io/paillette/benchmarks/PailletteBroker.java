package io.paillette.benchmarks;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The shim-broker as the launcher starts it, with its embedded Postgres: durable, and restarted with it. */
final class PailletteBroker implements Broker {

    private final BrokerProcess broker;
    private PostgresProcesses postgres;

    /**
     * @param moreJvmOptions beside the launcher's
     * @param settings       keys of its properties file beside those for the embedded store
     */
    PailletteBroker(List<String> moreJvmOptions, Map<String, String> settings) {
        var options = new ArrayList<>(PaillettePipeline.JVM_OPTIONS);
        options.addAll(moreJvmOptions);
        var all = new HashMap<>(Map.of("store.url", "embedded", "group.initial.rebalance.delay.ms", "0"));
        all.putAll(settings);
        this.broker = BrokerProcess.start(options, all);
        this.postgres = new PostgresProcesses(store());
    }

    @Override
    public String title() {
        return "Paillette";
    }

    @Override
    public String bootstrap() {
        return broker.bootstrap();
    }

    Database store() {
        return broker.store();
    }

    PostgresProcesses postgres() {
        return postgres;
    }

    @Override
    public ChildJvm jvm() {
        return broker.jvm();
    }

    @Override
    public Cost cost() {
        return new Cost(Usage.cpuSeconds(jvm()), postgres.cpuSeconds(), Usage.peakMegabytes(jvm()));
    }

    @Override
    public void settle() {
        store().execute("checkpoint");
        PageCache.sync();
    }

    @Override
    public void stop() {
        int code = broker.terminate();
        if (code != 0) {
            Say.note("the broker ended with " + code + " after SIGTERM:\n"
                    + broker.jvm().output());
        }
    }

    @Override
    public void start() {
        broker.start();
        postgres = new PostgresProcesses(store());
    }

    /** In good order, so that a flight recording is written. */
    @Override
    public void close() {
        if (jvm().isAlive()) {
            stop();
        }
        broker.close();
    }
}
