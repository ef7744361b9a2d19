package io.paillette.connect;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The Kafka and the distributed worker, exactly-once and with Debezium's plugins beside both of ours, that tests of this JVM share which
 * kill neither: each has connectors of names of its own. Stopped by a shutdown hook.
 */
final class SharedWorker {

    private static final Jmx JMX = Jmx.onFreePort();

    private SharedWorker() {}

    static ConnectWorker worker() {
        return Running.WORKER;
    }

    static String bootstrap() {
        return Running.KAFKA.bootstrap();
    }

    /** The MBeans of the worker. */
    static Jmx jmx() {
        return JMX;
    }

    private static final class Running {

        static final ApacheKafka KAFKA = ExactlyOnceScene.kafka();
        static final ConnectWorker WORKER = ConnectWorker.distributed(
                new ConnectWorker.Setup(
                        Peer.KAFKA_4,
                        KAFKA.bootstrap(),
                        List.of(Peer.debeziumPlugins(), Sample.plugins(), Sample.transforms()),
                        // Of two heaps the second one counts.
                        Stream.concat(JMX.options().stream(), Stream.of("-Xmx640m"))
                                .toList(),
                        Map.of(
                                "exactly.once.source.support",
                                "enabled",
                                "producer.transaction.timeout.ms",
                                "30000",
                                // By their service files, as all of these plugins have them: a look at each class takes
                                // longer than the rest of the start.
                                "plugin.discovery",
                                "service_load")),
                "shared");

        static {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                WORKER.close();
                                KAFKA.close();
                            },
                            "shared-worker-end"));
        }
    }
}
