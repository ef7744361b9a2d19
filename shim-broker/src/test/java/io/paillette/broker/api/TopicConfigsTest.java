package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Apache Kafka answers to changes of configs, wanted and unwanted ones. */
class TopicConfigsTest {

    private static final ConfigResource ORDERS = new ConfigResource(ConfigResource.Type.TOPIC, "orders");

    private final RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase());
    private final Admin admin = broker.admin();

    @BeforeEach
    void orders() throws Exception {
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get(20, SECONDS);
    }

    @AfterEach
    void close() {
        admin.close();
        broker.close();
    }

    @Test
    void aTopicDeclaredForThreeReplicasIsMade() throws Exception {
        var declared = new NewTopic("declared", 3, (short) 3)
                .configs(Map.of(
                        "min.insync.replicas", "2",
                        "unclean.leader.election.enable", "true",
                        "segment.bytes", "1073741824",
                        "segment.ms", "604800000",
                        "preallocate", "true",
                        "flush.messages", "1",
                        "remote.storage.enable", "false"));
        var made = admin.createTopics(List.of(declared));
        assertThat(made.replicationFactor("declared").get(20, SECONDS)).isEqualTo(1);
        assertThat(value("declared", "min.insync.replicas")).isEqualTo("2");
    }

    @Test
    void whatWouldBeALieIsRefused() {
        var tiered = new NewTopic("tiered", 1, (short) 1).configs(Map.of("remote.storage.enable", "true"));
        assertThat(told(admin.createTopics(List.of(tiered)).all())).startsWith("INVALID_CONFIG: Tiered Storage");
        assertThat(told(admin.createTopics(List.of(tiered), new CreateTopicsOptions().validateOnly(true))
                        .all()))
                .startsWith("INVALID_CONFIG: Tiered Storage");
        assertThat(change(true, set("remote.storage.enable", "true"))).startsWith("INVALID_CONFIG: Tiered Storage");
        assertThat(change(false, set("remote.storage.enable", "true"))).startsWith("INVALID_CONFIG: Tiered Storage");
    }

    @Test
    void unknownKeysAndBadValuesAreRefusedAndChangeNothing() throws Exception {
        assertThat(change(false, set("retention.ms", "7"), set("no.such", "1")))
                .isEqualTo("INVALID_CONFIG: Unknown topic config name: no.such");
        assertThat(change(false, set("cleanup.policy", "burn"))).startsWith("INVALID_CONFIG: Invalid value burn");
        assertThat(change(false, set("retention.ms", "7"), set("retention.ms", "8")))
                .isEqualTo("INVALID_REQUEST: Error due to duplicate config keys");
        assertThat(change(false, set("retention.ms", null)))
                .isEqualTo("INVALID_REQUEST: Null value not supported for : retention.ms");
        assertThat(change(false, op("retention.ms", "7", OpType.APPEND)))
                .isEqualTo("INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.");
        assertThat(value("orders", "retention.ms")).isEqualTo("604800000");
    }

    @Test
    void listsGrowAndShrinkFromTheirDefault() throws Exception {
        assertThat(change(false, op("cleanup.policy", "compact,delete", OpType.APPEND)))
                .isEqualTo("NONE");
        assertThat(value("orders", "cleanup.policy")).isEqualTo("delete,compact");
        assertThat(change(false, op("cleanup.policy", "delete", OpType.SUBTRACT)))
                .isEqualTo("NONE");
        assertThat(value("orders", "cleanup.policy")).isEqualTo("compact");
        assertThat(change(false, op("cleanup.policy", "", OpType.DELETE))).isEqualTo("NONE");
        assertThat(value("orders", "cleanup.policy")).isEqualTo("delete");
    }

    @Test
    void changesAtTheSameTimeAreAllKept() throws Exception {
        List<String> replicas = IntStream.range(0, 20).mapToObj(i -> i + ":0").toList();
        List<KafkaFuture<Void>> changes = new ArrayList<>();
        for (String replica : replicas) {
            changes.add(admin.incrementalAlterConfigs(Map.of(
                            ORDERS, List.of(op("leader.replication.throttled.replicas", replica, OpType.APPEND))))
                    .all());
        }
        for (KafkaFuture<Void> change : changes) {
            change.get(20, SECONDS);
        }
        assertThat(value("orders", "leader.replication.throttled.replicas").split(","))
                .containsExactlyInAnyOrderElementsOf(replicas);
    }

    @Test
    void validatingChangesNothing() throws Exception {
        assertThat(change(true, set("retention.ms", "7"))).isEqualTo("NONE");
        assertThat(value("orders", "retention.ms")).isEqualTo("604800000");
    }

    @Test
    void everyKeyTellsWhereItsValueComesFrom() throws Exception {
        assertThat(change(false, set("max.message.bytes", "77"))).isEqualTo("NONE");
        ConfigEntry set = entry("orders", "max.message.bytes");
        assertThat(set.source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        ConfigEntry unset = entry("orders", "min.insync.replicas");
        assertThat(unset.source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        assertThat(unset.isReadOnly()).isFalse();
    }

    @Test
    void brokersAreConfiguredByTheirFile() {
        for (String name : List.of("", "0")) {
            var resource = new ConfigResource(ConfigResource.Type.BROKER, name);
            assertThat(told(admin.incrementalAlterConfigs(Map.of(resource, List.of(set("log.retention.ms", "1"))))
                            .all()))
                    .startsWith("INVALID_REQUEST: Cannot update these configs dynamically: [log.retention.ms]");
        }
    }

    private String change(boolean validateOnly, AlterConfigOp... operations) {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = Map.of(ORDERS, List.of(operations));
        return told(admin.incrementalAlterConfigs(changes, new AlterConfigsOptions().validateOnly(validateOnly))
                .all());
    }

    private static AlterConfigOp set(String name, String value) {
        return op(name, value, OpType.SET);
    }

    private static AlterConfigOp op(String name, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    /** The error's name and its text, or NONE. */
    private static String told(KafkaFuture<?> answer) {
        try {
            answer.get(20, SECONDS);
            return "NONE";
        } catch (ExecutionException e) {
            return Errors.forException(e.getCause()) + ": " + e.getCause().getMessage();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private String value(String topic, String name) throws Exception {
        return entry(topic, name).value();
    }

    private ConfigEntry entry(String topic, String name) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get(20, SECONDS)
                .get(resource)
                .get(name);
    }
}
