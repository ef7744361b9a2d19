package io.paillette.benchmarks;

import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.HashMap;
import java.util.Map;

/** A connector in a Connect worker that writes to an Apache Kafka: ours and Debezium's, in the same two workers. */
enum ConnectorRival {
    OURS("Paillette", "its defaults and the worker's"),
    DEBEZIUM("Debezium", "its defaults and the worker's"),
    OURS_TUNED("Paillette, worker tuned", "its defaults, the worker as for the tuned Debezium"),
    DEBEZIUM_TUNED("Debezium, tuned", "connector and worker tuned");

    static final Map<String, String> TUNED_DEBEZIUM =
            Map.of("poll.interval.ms", "1", "max.batch.size", "16384", "max.queue.size", "65536");
    static final Map<String, String> TUNED_WORKER = Map.of("producer.compression.type", "lz4");

    private final String title;
    private final String what;

    ConnectorRival(String title, String what) {
        this.title = title;
        this.what = what;
    }

    String title() {
        return title;
    }

    String what() {
        return what;
    }

    boolean isOurs() {
        return this == OURS || this == OURS_TUNED;
    }

    /** Of ours, the one in the same worker. */
    ConnectorRival peer() {
        return this == OURS ? DEBEZIUM : DEBEZIUM_TUNED;
    }

    /**
     * Starts it; the caller ends it.
     */
    Pipeline open(Database source, ConverterChoice converters) {
        boolean tuned = this == OURS_TUNED || this == DEBEZIUM_TUNED;
        Map<String, String> worker = new HashMap<>(converters.worker());
        worker.putAll(Contender.WORKER_DEFAULTS);
        if (tuned) {
            worker.putAll(TUNED_WORKER);
        }
        Map<String, String> tuning = this == DEBEZIUM_TUNED ? TUNED_DEBEZIUM : Map.of();
        return isOurs()
                ? new ConnectPipeline(Contender.ourPlugins(), Contender.paillette(source), worker)
                : new ConnectPipeline(Peer.debeziumPlugins(), Contender.debezium(source, tuning), worker);
    }
}
