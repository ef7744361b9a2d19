package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people type: Kafka's own kafka-topics and kafka-configs, as published. */
class KafkaToolsIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String TOPICS = "org.apache.kafka.tools.TopicCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";

    @TempDir
    Path directory;

    @Test
    void kafkasToolsMakeDescribeAlterAndDeleteTopics() {
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), Map.of("log.retention.hours", "24"))) {
            for (Peer peer : Peer.values()) {
                use(peer, broker.bootstrap());
            }
        }
    }

    private void use(Peer peer, String bootstrap) {
        var tool = new Tool(peer, bootstrap);
        assertThat(tool.run(
                        TOPICS,
                        "--create --topic orders --partitions 2 --replication-factor 3 --config cleanup.policy=compact"
                                + " --config min.insync.replicas=2"))
                .contains("Created topic orders");
        assertThat(tool.run(TOPICS, "--describe --topic orders"))
                .contains("PartitionCount: 2")
                .contains("cleanup.policy=compact");
        tool.run(TOPICS, "--alter --topic orders --partitions 3");
        assertThat(tool.run(
                        CONFIGS, "--alter --entity-type topics --entity-name orders --add-config retention.ms=1000"))
                .contains("Completed updating config");
        assertThat(tool.run(CONFIGS, "--describe --entity-type topics --entity-name orders"))
                .contains("retention.ms=1000")
                .contains("DYNAMIC_TOPIC_CONFIG");
        tool.run(CONFIGS, "--alter --entity-type topics --entity-name orders --delete-config retention.ms");
        assertThat(tool.run(CONFIGS, "--describe --all --entity-type topics --entity-name orders"))
                .contains("retention.ms=86400000");
        assertThat(tool.run(CONFIGS, "--describe --all --entity-type brokers --entity-name 1"))
                .contains("log.retention.hours=24")
                .contains("STATIC_BROKER_CONFIG:log.retention.hours=24");
        tool.run(TOPICS, "--delete --topic orders");
        assertThat(tool.run(TOPICS, "--list")).doesNotContain("orders");
    }

    private final class Tool {

        private final Peer peer;
        private final String bootstrap;

        Tool(Peer peer, String bootstrap) {
            this.peer = peer;
            this.bootstrap = bootstrap;
        }

        String run(String mainClass, String arguments) {
            var all = new ArrayList<>(List.of("--bootstrap-server", bootstrap));
            all.addAll(List.of(arguments.split(" ")));
            return ChildJvm.run(
                    new ChildJvm.Command(
                            mainClass,
                            peer.classPath(),
                            List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                            all,
                            directory,
                            directory.resolve("tools.log")),
                    LIMIT);
        }
    }
}
