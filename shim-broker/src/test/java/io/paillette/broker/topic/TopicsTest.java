package io.paillette.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Clusters;
import io.paillette.broker.log.AppendResult;
import io.paillette.broker.log.LogSettings;
import io.paillette.broker.log.Logs;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicsTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private Store store;
    private Cluster cluster;
    private Logs logs;
    private Topics topics;

    @BeforeEach
    void open() {
        store = Store.open(StoreSettings.of(database.url()));
        cluster = Clusters.alone(store.cluster(), 0, 0);
        logs = Logs.open(LogSettings.defaults(), store.logs(), store.feeds(), cluster, Time.SYSTEM);
        topics = Topics.open(store.topics(), logs, Map.of());
    }

    @AfterEach
    void close() {
        topics.close();
        logs.close();
        cluster.close();
        store.close();
    }

    @Test
    void aTopicIsThereWithItsPartitionsOnceCreatedAndAfterARestart() {
        Topic created = create("orders", 3, Map.of("retention.ms", "1000"));

        assertThat(topics.find("orders")).contains(created);
        assertThat(topics.find(created.id())).contains(created);
        assertThat(logs.find(new TopicPartition("orders", 2))).isPresent();
        assertThat(logs.find(new TopicPartition("orders", 3))).isEmpty();
        close();
        open();
        assertThat(topics.find("orders")).contains(created);
        assertThat(logs.find(new TopicPartition("orders", 2)).orElseThrow().leaderEpoch())
                .isEqualTo(1);
    }

    @Test
    void aTopicThatAFeedMakesIsOfItsSourceAlsoWhenNobodyKnowsItsSequenceAnyMore() {
        topics.create(new NewTopic("removed", 1, Optional.of("app"), Map.of())).join();

        assertThat(topics.find("removed").orElseThrow().source()).hasValue("app");
    }

    @Test
    void whatKafkaRefusesIsRefused() {
        create("or.ders", 1, Map.of());

        assertThatThrownBy(() -> create("or.ders", 1, Map.of())).hasCauseInstanceOf(TopicExistsException.class);
        assertThatThrownBy(() -> create("or_ders", 1, Map.of())).hasCauseInstanceOf(InvalidTopicException.class);
        assertThatThrownBy(() -> create("or/ders", 1, Map.of())).hasCauseInstanceOf(InvalidTopicException.class);
        assertThatThrownBy(() -> create("x", 0, Map.of())).hasCauseInstanceOf(InvalidPartitionsException.class);
        assertThatThrownBy(() -> create("x", 1, Map.of("retension.ms", "1")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("x", 1, Map.of("cleanup.policy", "shred")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> topics.delete("nothing").join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        assertThatThrownBy(() -> topics.validate(new NewTopic("or.ders", 1, Optional.empty(), Map.of())))
                .isInstanceOf(TopicExistsException.class);
        assertThat(topics.all()).hasSize(1);
    }

    @Test
    void partitionsAreAddedWithoutDisturbingThoseThatAreThere() {
        create("orders", 1, Map.of());
        var first = logs.find(new TopicPartition("orders", 0)).orElseThrow();

        topics.addPartitions("orders", 3, false).join();

        assertThat(topics.find("orders").orElseThrow().partitions()).isEqualTo(3);
        assertThat(logs.find(new TopicPartition("orders", 0))).containsSame(first);
        assertThat(logs.find(new TopicPartition("orders", 2))).isPresent();
        first.append(records(10)).join();
        assertThatThrownBy(() -> topics.addPartitions("orders", 2, false).join())
                .hasCauseInstanceOf(InvalidPartitionsException.class);
        assertThatThrownBy(() ->
                        topics.addPartitions("orders", Integer.MAX_VALUE, true).join())
                .hasCauseInstanceOf(InvalidPartitionsException.class);
        topics.addPartitions("orders", 4, true).join();
        assertThat(topics.find("orders").orElseThrow().partitions()).isEqualTo(3);
    }

    @Test
    void aChangedConfigHoldsForTheNextAppend() {
        create("orders", 1, Map.of());
        var log = logs.find(new TopicPartition("orders", 0)).orElseThrow();

        topics.alterConfigs("orders", false, topic -> Map.of("max.message.bytes", Optional.of("100")))
                .join();

        assertThatThrownBy(() -> log.append(records(500)).join()).hasMessageContaining("max.message.bytes is 100");
        topics.alterConfigs("orders", false, topic -> Map.of("max.message.bytes", Optional.empty()))
                .join();
        log.append(records(500)).join();
        assertThat(topics.find("orders").orElseThrow().configs()).isEmpty();
        assertThatThrownBy(() -> topics.alterConfigs(
                                "orders", false, topic -> Map.of("max.message.bytes", Optional.of("-5")))
                        .join())
                .hasCauseInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void aDeletedTopicFreesItsRowsAndItsNameCanBeUsedAgain() {
        Topic first = create("orders", 2, Map.of());
        var log = logs.find(new TopicPartition("orders", 0)).orElseThrow();
        var appends = new ArrayList<CompletableFuture<AppendResult>>();
        for (int i = 0; i < 1200; i++) {
            appends.add(log.append(records(1)));
        }
        appends.forEach(CompletableFuture::join);

        topics.delete("orders").join();
        Topic second = create("orders", 1, Map.of());

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(logs.find(new TopicPartition("orders", 0)).orElseThrow().highWatermark())
                .isZero();
        assertThatThrownBy(() -> log.append(records(1)).join()).hasCauseInstanceOf(NotLeaderOrFollowerException.class);
        Awaitility.await().untilAsserted(() -> {
            assertThat(database.query("select count(*) from paillette.batch")).isEqualTo("0");
            assertThat(database.query("select count(*) from paillette.dropped_partition"))
                    .isEqualTo("0");
        });
    }

    @Test
    void deletingGoesOnAfterACrash() {
        create("orders", 1, Map.of());
        logs.find(new TopicPartition("orders", 0))
                .orElseThrow()
                .append(records(1))
                .join();
        database.execute(
                "insert into paillette.dropped_partition select id from paillette.partition",
                "delete from paillette.topic");
        close();
        open();

        Awaitility.await().untilAsserted(() -> assertThat(database.query("select count(*) from paillette.batch"))
                .isEqualTo("0"));
    }

    @Test
    void listenersAreToldEachChangeInOrderAndNothingOfOtherTopics() {
        create("a", 1, Map.of());
        create("b", 1, Map.of());
        var told = new ArrayList<String>();

        topics.onChange(change -> told.add("-" + names(change.gone()) + " +" + names(change.present())));
        create("c", 1, Map.of());
        topics.addPartitions("c", 2, false).join();
        topics.delete("a").join();

        assertThat(told).containsExactly("-[] +[a, b]", "-[] +[c]", "-[] +[c]", "-[a] +[]");
    }

    @Test
    void whatAnotherBrokerHasChangedIsToldAndNothingElse() {
        create("a", 1, Map.of());
        create("b", 1, Map.of());
        var told = new ArrayList<String>();
        topics.onChange(change -> told.add("-" + names(change.gone()) + " +" + names(change.present())));
        told.clear();

        store.topics().create(new Topic("c", Uuid.randomUuid(), 1, Optional.empty(), Map.of()));
        store.topics().delete(topics.find("a").orElseThrow().id());
        topics.catchUp().join();
        topics.catchUp().join();

        assertThat(told).containsExactly("-[a] +[c]");
    }

    @Test
    void aCollidingNameIsFreeAgainOnceItsTopicIsDeleted() {
        create("or.ders", 1, Map.of());
        topics.delete("or.ders").join();

        assertThat(create("or_ders", 1, Map.of()).name()).isEqualTo("or_ders");
    }

    private Topic create(String name, int partitions, Map<String, String> configs) {
        CompletableFuture<Topic> created = topics.create(new NewTopic(name, partitions, Optional.empty(), configs));
        return created.join();
    }

    private static List<String> names(Collection<Topic> topics) {
        return topics.stream().map(Topic::name).sorted().toList();
    }

    private static MemoryRecords records(int size) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[size]));
    }
}
