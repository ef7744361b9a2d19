package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups as Kafka's own consumer and admin client see them. */
class ConsumerGroupClientsTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    @Proves(
            client = "kafka-clients, consumer groups",
            version = Published.KAFKA_CLIENTS,
            what =
                    "both protocols, `classic` and `consumer`: members share a topic, a group goes on where it committed")
    void twoMembersShareTheTopicAndARestartedGroupGoesOnWhereItCommitted(String protocol) {
        try (RunningGroups broker = RunningGroups.on(database)) {
            Topic topic = broker.create("orders", 6);
            broker.produce(topic, 0, 300);
            try (var first = broker.consumer("g", protocol);
                    var second = broker.consumer("g", protocol)) {
                first.subscribe(List.of("orders"));
                assertThat(read(first, 300)).hasSize(300);
                first.commitSync();
                second.subscribe(List.of("orders"));
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                    first.poll(Duration.ofMillis(50));
                    second.poll(Duration.ofMillis(50));
                    return first.assignment().size() == 3 && second.assignment().size() == 3;
                });
                assertThat(first.assignment()).doesNotContainAnyElementsOf(second.assignment());
            }
            broker.produce(topic, 300, 320);
        }
        try (RunningGroups broker = RunningGroups.on(database);
                var again = broker.consumer("g", protocol)) {
            again.subscribe(List.of("orders"));
            assertThat(read(again, 20))
                    .allSatisfy(value -> assertThat(Integer.parseInt(value)).isBetween(300, 319));
            again.commitSync();
        }
        assertThat(database.query("select sum(committed_offset) from paillette.committed_offsets where group_id = 'g'"))
                .isEqualTo("320");
    }

    @Test
    @Proves(
            client = "kafka-clients, admin",
            version = Published.KAFKA_CLIENTS,
            what = "groups listed, described, their offsets changed and deleted")
    void theAdminClientListsDescribesChangesAndDeletesGroups() throws Exception {
        try (RunningGroups broker = RunningGroups.on(database);
                Admin admin = broker.admin()) {
            broker.create("orders", 2);
            var first = new TopicPartition("orders", 0);
            var second = new TopicPartition("orders", 1);
            admin.alterConsumerGroupOffsets(
                            "g", Map.of(first, new OffsetAndMetadata(5, "five"), second, new OffsetAndMetadata(6)))
                    .all()
                    .get();
            assertThat(admin.listGroups().all().get())
                    .extracting(GroupListing::groupId)
                    .containsExactly("g");
            ConsumerGroupDescription described = admin.describeConsumerGroups(List.of("g"))
                    .describedGroups()
                    .get("g")
                    .get();
            assertThat(described.groupState()).isEqualTo(GroupState.EMPTY);
            assertThat(admin.listConsumerGroupOffsets("g")
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .containsEntry(first, new OffsetAndMetadata(5, "five"))
                    .hasSize(2);
            admin.deleteConsumerGroupOffsets("g", Set.of(second)).all().get();
            assertThat(admin.listConsumerGroupOffsets("g")
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .containsOnlyKeys(first);
            admin.deleteConsumerGroups(List.of("g")).all().get();
            assertThat(admin.listGroups().all().get()).isEmpty();
            assertThatThrownBy(() ->
                            admin.describeConsumerGroups(List.of("g")).all().get())
                    .hasCauseInstanceOf(GroupIdNotFoundException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupWithMembersIsToldSoAndNotDeleted(String protocol) throws Exception {
        try (RunningGroups broker = RunningGroups.on(database);
                Admin admin = broker.admin();
                var member = broker.consumer("g", protocol)) {
            broker.produce(broker.create("orders", 2), 0, 2);
            member.subscribe(List.of("orders"));
            assertThat(read(member, 2)).hasSize(2);
            ConsumerGroupDescription described = admin.describeConsumerGroups(List.of("g"))
                    .describedGroups()
                    .get("g")
                    .get();
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.members()).hasSize(1);
            assertThatThrownBy(
                            () -> admin.deleteConsumerGroups(List.of("g")).all().get())
                    .hasCauseInstanceOf(GroupNotEmptyException.class);
        }
    }

    @Test
    void aNewTopicOfAnOldNameStartsWithoutOffsets() throws Exception {
        try (RunningGroups broker = RunningGroups.on(database);
                Admin admin = broker.admin()) {
            broker.create("orders", 1);
            var partition = new TopicPartition("orders", 0);
            admin.alterConsumerGroupOffsets("g", Map.of(partition, new OffsetAndMetadata(5)))
                    .all()
                    .get();
            admin.deleteTopics(List.of("orders")).all().get();
            broker.create("orders", 1);
            Awaitility.await().untilAsserted(() -> assertThat(admin.listConsumerGroupOffsets("g")
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .isEmpty());
            assertThat(database.query("select count(*) from paillette.committed_offsets"))
                    .isEqualTo("0");
        }
    }

    private static Set<String> read(KafkaConsumer<String, String> consumer, int count) {
        var values = new HashSet<String>();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            return values.size() >= count;
        });
        return values;
    }
}
