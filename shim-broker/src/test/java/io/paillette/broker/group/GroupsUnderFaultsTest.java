package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.store.StoreException;
import io.paillette.broker.store.StoreException.Fate;
import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupsUnderFaultsTest {

    private static final int CLIENTS = 8;
    private static final int COMMITS = 250;
    private static final String APPLICATION = "paillette groups";

    private final GroupDatabase database = new GroupDatabase(PostgresServer.shared());
    private final Topic orders = new Topic("orders", Uuid.randomUuid(), 6, Optional.empty(), Map.of());
    private final long seed = new Random().nextLong();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void noAcknowledgedOffsetIsLostOrGoesBackWhileConnectionsAreKilled() throws Exception {
        var killed = new AtomicInteger();
        ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
        try {
            check(
                    database.store(),
                    () -> killer.scheduleWithFixedDelay(
                            () -> killed.addAndGet(Integer.parseInt(database.database.query(
                                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '"
                                            + APPLICATION + "' and datname = '" + database.database.name() + "'"))),
                            20,
                            35,
                            TimeUnit.MILLISECONDS),
                    () -> stop(killer));
        } finally {
            stop(killer);
        }
        assertThat(killed).hasPositiveValue();
    }

    @Test
    void noAcknowledgedOffsetIsLostOrGoesBackWhenAnswersOfCommitsAreLost() throws Exception {
        check(new LossyStore(database.store(), new Random(seed), new AtomicBoolean()), () -> {}, () -> {});
    }

    @Test
    void aShardWhoseRecordsAreRefusedIsLoadedAnewAndGoesOn() {
        var store = new RefusingStore(database.store());
        try (Groups groups = GroupDatabase.start(store, List.of(orders))) {
            var client = Client.of(groups);
            assertThat(client.commit("g", orders, 0, 1)).isEqualTo(Errors.NONE);
            store.refuse = true;
            assertThat(client.commit("g", orders, 0, 2)).isEqualTo(Errors.NOT_COORDINATOR);
            Awaitility.await().until(groups::isReady);
            assertThat(client.committed("g", orders, 0)).isEqualTo("1");
            assertThat(client.commit("g", orders, 0, 3)).isEqualTo(Errors.NONE);
            assertThat(client.committed("g", orders, 0)).isEqualTo("3");
        }
    }

    @Test
    void groupsGoOnAfterTheStoreWasBrokenForAWhile() {
        try (Groups groups = GroupDatabase.start(database.store(), List.of(orders))) {
            var client = Client.of(groups);
            assertThat(client.commit("g", orders, 0, 1)).isEqualTo(Errors.NONE);
            database.database.execute("alter table paillette.coordinator_state rename to away");
            assertThat(client.commit("g", orders, 0, 2)).isNotEqualTo(Errors.NONE);
            database.database.execute("alter table paillette.away rename to coordinator_state");
            Awaitility.await().until(groups::isReady);
            assertThat(client.committed("g", orders, 0)).isEqualTo("1");
            assertThat(client.commit("g", orders, 0, 3)).isEqualTo(Errors.NONE);
            assertThat(client.committed("g", orders, 0)).isEqualTo("3");
        }
    }

    @Test
    void aCommitThatEndsWhileTheCoordinatorShutsDownFailsNoThread() throws Exception {
        assertThat(failuresOfShutdowns(database.store(), () -> {})).isEmpty();
    }

    @Test
    void aCommitThatIsRefusedWhileTheCoordinatorShutsDownFailsNoThread() throws Exception {
        var store = new RefusingStore(database.store());
        assertThat(failuresOfShutdowns(store, () -> store.refuse = true)).isEmpty();
    }

    /** What the coordinator's own threads end with when it is shut down amid commits, again and again. */
    private Collection<Throwable> failuresOfShutdowns(GroupStore store, Runnable before) throws Exception {
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var others = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        var clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            for (int round = 0; round < 30; round++) {
                var stored = new AtomicInteger();
                var ends = new ArrayList<Future<?>>();
                try (Groups groups = GroupDatabase.start(store, List.of(orders))) {
                    for (int i = 0; i < CLIENTS; i++) {
                        String group = "g" + i;
                        ends.add(clients.submit(() -> commitUntilRefused(groups, group, stored)));
                    }
                    Awaitility.await().until(() -> stored.get() > CLIENTS);
                    before.run();
                }
                for (var end : ends) {
                    end.get(30, TimeUnit.SECONDS);
                }
            }
        } finally {
            clients.shutdownNow();
            Thread.setDefaultUncaughtExceptionHandler(others);
        }
        return failures;
    }

    private void commitUntilRefused(Groups groups, String group, AtomicInteger stored) {
        try {
            for (long offset = 1; Client.of(groups).commit(group, orders, 0, offset) == Errors.NONE; offset++) {
                stored.incrementAndGet();
            }
        } catch (CoordinatorNotAvailableException e) {
            stored.incrementAndGet(); // a call that crosses the shutdown is refused so, which the network layer answers
        }
    }

    /** Each client commits 1, 2, 3... for a group of its own, the next when the last was answered. */
    private void check(GroupStore store, Runnable faults, Runnable calm) throws Exception {
        var clients = Executors.newFixedThreadPool(CLIENTS);
        try (Groups groups = GroupDatabase.start(store, List.of(orders))) {
            faults.run();
            var runs = new ArrayList<Future<long[]>>();
            for (int i = 0; i < CLIENTS; i++) {
                String group = "g" + i;
                runs.add(clients.submit(() -> run(Client.of(groups), group)));
            }
            var acknowledged = new ArrayList<long[]>();
            for (var run : runs) {
                acknowledged.add(run.get(120, TimeUnit.SECONDS));
            }
            calm.run();
            try (Groups next = startOverDeadConnections()) {
                for (int i = 0; i < CLIENTS; i++) {
                    long stored = Long.parseLong(Client.of(next).committed("g" + i, orders, 0));
                    assertThat(stored)
                            .as("group g%d, seed %d", i, seed)
                            .isBetween(acknowledged.get(i)[0], acknowledged.get(i)[1]);
                }
            }
        } finally {
            clients.shutdownNow();
        }
    }

    /** The pool may still hold connections that were killed while they were idle; a start is refused for each. */
    private Groups startOverDeadConnections() {
        return Awaitility.await()
                .ignoreExceptionsInstanceOf(StoreException.class)
                .until(() -> GroupDatabase.start(database.store(), List.of(orders)), Objects::nonNull);
    }

    private static void stop(ScheduledExecutorService killer) {
        killer.shutdownNow();
        Awaitility.await().until(killer::isTerminated);
    }

    /** The largest offset that was acknowledged, and the largest that was tried. */
    private long[] run(Client client, String group) {
        long acknowledged = 0;
        for (long offset = 1; offset <= COMMITS; offset++) {
            if (client.commit(group, orders, 0, offset) == Errors.NONE) {
                acknowledged = offset;
            }
            String seen = client.committed(group, orders, 0);
            if (seen.chars().allMatch(Character::isDigit)) {
                assertThat(Long.parseLong(seen)).as("%s, seed %d", group, seed).isBetween(acknowledged, offset);
            }
        }
        assertThat(acknowledged).as("%s, seed %d", group, seed).isGreaterThan(COMMITS / 2);
        return new long[] {acknowledged, COMMITS};
    }

    /** A real store behind a network that loses questions and answers. */
    private record LossyStore(GroupStore store, Random random, AtomicBoolean used) implements GroupStore {

        @Override
        public Set<Integer> commit(List<ShardCommit> commits) {
            used.set(true);
            lose("before");
            Set<Integer> moved = store.commit(commits);
            lose("after");
            return moved;
        }

        @Override
        public Map<Integer, ShardPosition> positions(Collection<Integer> shards) {
            lose("while asking");
            return store.positions(shards);
        }

        private void lose(String when) {
            if (used.get() && random.nextInt(5) == 0) {
                throw new StoreException("lost " + when, Fate.UNKNOWN, new IOException());
            }
        }

        @Override
        public int shards(int wanted) {
            return store.shards(wanted);
        }

        @Override
        public List<ShardPosition> claim(int brokerId, Map<Integer, Integer> expectedEpochs) {
            return store.claim(brokerId, expectedEpochs);
        }

        @Override
        public void release(Map<Integer, Integer> epochs) {
            store.release(epochs);
        }

        @Override
        public Optional<ShardPosition> reclaim(ShardPosition ours) {
            return store.reclaim(ours);
        }

        @Override
        public ShardState load(int shard) {
            return store.load(shard);
        }
    }

    /** A real store that finds fault with the records of one commit. */
    private static final class RefusingStore implements GroupStore {

        private final GroupStore store;
        private volatile boolean refuse;

        RefusingStore(GroupStore store) {
            this.store = store;
        }

        @Override
        public Set<Integer> commit(List<ShardCommit> commits) {
            if (refuse) {
                refuse = false;
                throw new StoreException("not these", Fate.REFUSED, new IOException());
            }
            return store.commit(commits);
        }

        @Override
        public int shards(int wanted) {
            return store.shards(wanted);
        }

        @Override
        public List<ShardPosition> claim(int brokerId, Map<Integer, Integer> expectedEpochs) {
            return store.claim(brokerId, expectedEpochs);
        }

        @Override
        public void release(Map<Integer, Integer> epochs) {
            store.release(epochs);
        }

        @Override
        public Optional<ShardPosition> reclaim(ShardPosition ours) {
            return store.reclaim(ours);
        }

        @Override
        public Map<Integer, ShardPosition> positions(Collection<Integer> shards) {
            return store.positions(shards);
        }

        @Override
        public ShardState load(int shard) {
            return store.load(shard);
        }
    }
}
