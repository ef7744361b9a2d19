package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.TopicChange;
import io.paillette.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupsTest {

    private static final String SHARDS = org.apache.kafka.common.internals.Topic.GROUP_METADATA_TOPIC_NAME;

    private final GroupDatabase database = new GroupDatabase(PostgresServer.shared());
    private final Topic orders = new Topic("orders", Uuid.randomUuid(), 6, Optional.empty(), Map.of());
    private final Topic users = new Topic("users", Uuid.randomUuid(), 1, Optional.empty(), Map.of());

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aClassicMemberJoinsSyncsAndIsLeader() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            var joined = client.join("g");
            assertThat(joined.leader()).isEqualTo(joined.memberId());
            var synced = client.sync("g", joined);
            assertThat(new String(synced.assignment(), StandardCharsets.UTF_8)).isEqualTo("yours");
        }
    }

    @Test
    void aConsumerGroupMemberIsAssignedAllPartitions() {
        try (Groups groups = start()) {
            var answer = Client.of(groups).subscribe("g", UUID.randomUUID().toString(), orders);
            assertThat(answer.assignment().topicPartitions().get(0).partitions())
                    .containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    @Test
    void aCommittedOffsetIsThereAfterARestart() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.committed("g", orders, 0)).isEqualTo("-1");
            assertThat(client.commit("g", orders, 0, 7)).isEqualTo(Errors.NONE);
            assertThat(client.commit("g", orders, 0, 42)).isEqualTo(Errors.NONE);
        }
        try (Groups groups = start()) {
            assertThat(Client.of(groups).committed("g", orders, 0)).isEqualTo("42");
        }
    }

    @Test
    void offsetsAreReadableWithSql() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.commit("g \u00fc\u20ac", orders, 5, 1L << 40)).isEqualTo(Errors.NONE);
            assertThat(client.commit("zero\u0000byte", orders, 5, 0)).isEqualTo(Errors.NONE);
            client.join("classic");
            client.subscribe("modern", UUID.randomUUID().toString(), orders);
            assertThat(database.database.query(
                            "select concat_ws('|', group_id, topic, partition, committed_offset, leader_epoch, metadata,"
                                    + " committed_at between now() - interval '1 min' and now())"
                                    + " from paillette.committed_offsets where committed_offset > 0"))
                    .isEqualTo("g \u00fc\u20ac|orders|5|1099511627776|3|at 1099511627776|t");
            assertThat(database.database.query("select string_agg(group_id || '=' || protocol, ' ' order by group_id)"
                            + " from paillette.consumer_groups where group_id in ('classic', 'modern')"))
                    .isEqualTo("classic=classic modern=consumer");
        }
    }

    @Test
    void anInstanceThatWasTakenOverStoresNothingMore() {
        try (Groups old = start();
                Groups young = start()) {
            assertThat(Client.of(young).commit("g", orders, 0, 10)).isEqualTo(Errors.NONE);
            assertThat(Client.of(old).commit("g", orders, 0, 99)).isEqualTo(Errors.NOT_COORDINATOR);
            assertThat(Client.of(old).commit("g", orders, 0, 99)).isEqualTo(Errors.NOT_COORDINATOR);
            assertThat(Client.of(young).committed("g", orders, 0)).isEqualTo("10");
            assertThat(Client.of(young).commit("g", orders, 0, 11)).isEqualTo(Errors.NONE);
        }
        try (Groups next = start()) {
            assertThat(Client.of(next).committed("g", orders, 0)).isEqualTo("11");
        }
    }

    @Test
    void membersOfBothProtocolsOutliveTheBroker() {
        String member = UUID.randomUUID().toString();
        try (Groups dropped = start()) {
            var client = Client.of(dropped);
            var joined = client.join("classic");
            client.sync("classic", joined);
            int epoch = client.subscribe("modern", member, orders).memberEpoch();
            assertThat(client.commit("modern", orders, 0, 5)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
            try (Groups groups = start()) { // the first one is not closed: as after SIGKILL
                var again = Client.of(groups);
                assertThat(again.sync("classic", joined).errorCode()).isEqualTo(Errors.NONE.code());
                var answer = again.heartbeat(new ConsumerGroupHeartbeatRequestData()
                        .setGroupId("modern")
                        .setMemberId(member)
                        .setMemberEpoch(epoch));
                assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
                assertThat(answer.memberEpoch()).isEqualTo(epoch);
            }
        }
    }

    @Test
    void deletingATopicDropsItsOffsetsOnly() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            client.commit("g", orders, 0, 1);
            client.commit("g", users, 0, 2);
            groups.topicsChanged(new TopicChange(List.of(orders), List.of()));
            Awaitility.await().untilAsserted(() -> assertThat(
                            database.database.query("select string_agg(topic, ',') from paillette.committed_offsets"))
                    .isEqualTo("users"));
            assertThat(client.committed("g", users, 0)).isEqualTo("2");
        }
    }

    @Test
    void transactionalOffsetsCountOnceTheirTransactionIsCommitted() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.commit("g", orders, 0, 1)).isEqualTo(Errors.NONE);
            assertThat(client.commitInTransaction("g", 7, orders, 0, 50)).isEqualTo(Errors.NONE);
            assertThat(client.commitInTransaction("g", 8, orders, 1, 60)).isEqualTo(Errors.NONE);
            assertThat(client.commitInTransaction("g", 9, orders, 2, 70)).isEqualTo(Errors.NONE);
        }
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.committed("g", orders, 0)).isEqualTo("1");
            assertThat(client.committed("g", orders, 0, true)).isEqualTo("UNSTABLE_OFFSET_COMMIT");
            end(groups, 7, TransactionResult.COMMIT);
            end(groups, 8, TransactionResult.ABORT);
            assertThat(client.committed("g", orders, 0)).isEqualTo("50");
            assertThat(client.committed("g", orders, 1)).isEqualTo("-1");
        }
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.committed("g", orders, 0, true)).isEqualTo("50");
            assertThat(client.committed("g", orders, 1, true)).isEqualTo("-1");
            assertThat(client.committed("g", orders, 2, true)).isEqualTo("UNSTABLE_OFFSET_COMMIT");
            assertThat(database.database.query(
                            "select string_agg(producer_id::text, ',') from paillette.coordinator_pending"))
                    .isEqualTo("9");
        }
    }

    @Test
    void offsetsThatComeAfterTheMarkerOfTheirTransactionAreNotCommittedWithTheNextOne() {
        var slow = new CompletableFuture<Void>();
        var answers = new LinkedBlockingQueue<CompletableFuture<Void>>(List.of(slow));
        TransactionCheck check =
                entry -> Objects.requireNonNullElseGet(answers.poll(), () -> CompletableFuture.completedFuture(null));
        try (Groups groups = GroupDatabase.starting(database.store(), List.of(orders), Map.of(), check)) {
            Awaitility.await().until(groups::isReady);
            var client = Client.of(groups);
            CompletableFuture<Errors> late = client.commitInTransactionLater("g", 7, orders, 0, 50);
            end(groups, 7, TransactionResult.ABORT);
            slow.complete(null); // the coordinator had said yes before

            assertThat(Client.get(late)).isEqualTo(Errors.INVALID_TXN_STATE);
            assertThat(client.commitInTransaction("g", 7, orders, 1, 60)).isEqualTo(Errors.NONE);
            end(groups, 7, TransactionResult.COMMIT);
            assertThat(client.committed("g", orders, 0)).isEqualTo("-1");
            assertThat(client.committed("g", orders, 1)).isEqualTo("60");
        }
    }

    @Test
    void aPlainCommitMadeAfterATransactionalOneWins() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            client.commitInTransaction("g", 7, orders, 0, 50);
            client.commit("g", orders, 0, 60);
            end(groups, 7, TransactionResult.COMMIT);
            assertThat(client.committed("g", orders, 0)).isEqualTo("60");
        }
        try (Groups groups = start()) {
            assertThat(Client.of(groups).committed("g", orders, 0)).isEqualTo("60");
        }
    }

    @Test
    void aThousandGroupsAreLoadedAgain() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            var answers = IntStream.range(0, 1_000)
                    .mapToObj(group -> client.commitLater("g" + group, orders, group % 6, group))
                    .toList();
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(Client.get(answer)).isEqualTo(Errors.NONE));
        }
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(IntStream.range(0, 1_000))
                    .allSatisfy(group -> assertThat(client.committed("g" + group, orders, group % 6))
                            .isEqualTo(Integer.toString(group)));
        }
    }

    @Test
    void aGroupThatWasRewrittenAfterItsOffsetsIsLoadedAgain() {
        String member = UUID.randomUUID().toString();
        int epoch;
        try (Groups groups = start()) {
            var client = Client.of(groups);
            int first = client.subscribe("g", member, orders).memberEpoch();
            assertThat(client.commitAs("g", member, first, orders, 0, 5)).isEqualTo(Errors.NONE);
            // A second member rewrites the group's records: they now come after the offset.
            client.subscribe("g", UUID.randomUUID().toString(), orders);
            epoch = first;
        }
        try (Groups groups = start()) {
            var client = Client.of(groups);
            assertThat(client.committed("g", orders, 0)).isEqualTo("5");
            assertThat(client.commitAs("g", member, epoch, orders, 0, 6)).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void aDeletedGroupLeavesNothing() {
        try (Groups groups = start()) {
            var client = Client.of(groups);
            client.commit("g", orders, 0, 1);
            client.commit("other", orders, 0, 2);
            var deleted = Client.get(groups.coordinator()
                    .deleteGroups(Client.context(ApiKeys.DELETE_GROUPS), List.of("g"), BufferSupplier.NO_CACHING));
            assertThat(deleted.find("g").errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(database.database.query("select string_agg(group_id, ',') from paillette.consumer_groups"))
                    .isEqualTo("other");
        }
    }

    @Test
    void theNumberOfShardsIsKeptOnceChosen() {
        GroupDatabase.start(database.store(), List.of(orders), Map.of("offsets.topic.num.partitions", 3))
                .close();
        GroupDatabase.start(database.store(), List.of(orders), Map.of("offsets.topic.num.partitions", 5))
                .close();
        assertThat(database.database.query("select count(*) from paillette.coordinator_shard"))
                .isEqualTo("3");
    }

    @Test
    void stoppedRightAfterItsStartItHasNoErrorsToTell() {
        var told = new Told();
        Logger runtime = Logger.getLogger(CoordinatorRuntime.class.getName());
        runtime.addHandler(told);
        try {
            GroupDatabase.starting(database.store(), List.of(orders), Map.of()).close();
        } finally {
            runtime.removeHandler(told);
        }
        assertThat(told.errors).isEmpty();
    }

    @Test
    void aGroupNameMayBeLongerThanAnIndexEntry() {
        String name = "g".repeat(20_000);
        try (Groups groups = start()) {
            assertThat(Client.of(groups).commit(name, orders, 0, 1)).isEqualTo(Errors.NONE);
        }
        try (Groups groups = start()) {
            assertThat(Client.of(groups).committed(name, orders, 0)).isEqualTo("1");
        }
    }

    private Groups start() {
        return GroupDatabase.start(database.store(), List.of(orders, users));
    }

    private static final class Told extends Handler {

        final List<String> errors = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                errors.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {
            // kept in memory
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    private static void end(Groups groups, long producerId, TransactionResult result) {
        var shard = new TopicPartition(SHARDS, groups.coordinator().partitionFor("g"));
        Client.get(groups.coordinator().completeTransaction(shard, producerId, (short) 0, 1, result, (short) 1));
    }
}
