package io.paillette.benchmarks;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.Map;

/** The shim-broker as one process; its store is the database that it captures, or another one. */
final class PaillettePipeline implements Pipeline {

    /** As the launcher starts it. */
    static final List<String> JVM_OPTIONS = List.of(
            "-Xms64m",
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:MetaspaceSize=64m",
            "-XX:+UseSerialGC",
            "-XX:PerfDataSamplingInterval=1000",
            "-Xshare:auto");

    private final BrokerProcess broker;

    PaillettePipeline(Database source, Database store) {
        this.broker = BrokerProcess.start(
                JVM_OPTIONS,
                Map.of(
                        "store.url",
                        store.url(),
                        "source.app.url",
                        source.equals(store) ? "store" : source.url(),
                        "source.app.tables",
                        "public.*"));
    }

    @Override
    public String bootstrap() {
        return broker.bootstrap();
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
    }

    @Override
    public List<ChildJvm> processes() {
        return List.of(broker.jvm());
    }

    @Override
    public void close() {
        broker.close();
    }
}
