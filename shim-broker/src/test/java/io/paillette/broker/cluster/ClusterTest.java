package io.paillette.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.log.LogStore;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.DuplicateBrokerRegistrationException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void brokersHearOfEachOtherWithTheirAddresses() {
        Cluster one = join(1, 9001);
        Cluster two = join(2, 9002);

        Awaitility.await().untilAsserted(() -> assertThat(one.members()).isEqualTo(two.members()));
        assertThat(one.members()).extracting(Member::id).containsExactlyInAnyOrder(1, 2);
        assertThat(one.member(2).orElseThrow().on("PLAINTEXT").orElseThrow().port())
                .isEqualTo(9002);
        assertThat(one.member(2).orElseThrow().on("OTHER")).isEmpty();
    }

    @Test
    void anIdThatALiveBrokerHasIsRefused() {
        join(1, 9001);

        assertThatThrownBy(() -> Cluster.join(Clusters.registration(1, 9002), store().cluster()))
                .isInstanceOf(DuplicateBrokerRegistrationException.class)
                .hasMessageContaining("127.0.0.1:9001")
                .hasMessageContaining("broker.id=1");
    }

    @Test
    void aBrokerThatLeftOrDiedMayComeBackAtOnce() throws Exception {
        Cluster first = join(1, 9001);
        first.close();
        join(1, 9002);

        assertThat(database.query("select incarnation || ' ' || ports[1] from paillette.broker where id = 1"))
                .isEqualTo("2 9002");
    }

    @Test
    void aBrokerWhosePlaceWasTakenLeadsNothingAndComesBackWhenItMay() throws Exception {
        Cluster old = join(1, 9001);
        assertThat(old.isActing()).isTrue();

        database.execute("update paillette.broker set incarnation = incarnation + 1, heartbeat = clock_timestamp()");

        Awaitility.await().untilAsserted(() -> assertThat(old.isActing()).isFalse());
        Awaitility.await().untilAsserted(() -> assertThat(old.isActing()).isTrue());
        assertThat(database.query("select incarnation || ' ' || state from paillette.broker"))
                .isEqualTo("3 serving");
    }

    @Test
    void aBrokerThatCannotReachTheStoreForItsSessionStopsActingByItsOwnClock() {
        Store store = store();
        var mute = new AtomicBoolean();
        Cluster cluster = add(Clusters.join(new Muted(store.cluster(), mute), 1, 9001));
        Cluster other = join(2, 9002);
        Awaitility.await().until(() -> cluster.members().size() == 2);

        mute.set(true);

        Awaitility.await().untilAsserted(() -> assertThat(cluster.isActing()).isFalse());
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(other.members()).extracting(Member::id).containsExactly(2));
        mute.set(false);
        Awaitility.await().untilAsserted(() -> assertThat(cluster.isActing()).isTrue());
        Awaitility.await().untilAsserted(() -> assertThat(other.members()).hasSize(2));
    }

    @Test
    void whenTheStoreWasAwayForEverybodyNobodyIsTakenForDead() {
        var mute = new AtomicBoolean();
        Cluster one = add(Clusters.join(new Muted(store().cluster(), mute), 1, 9001));
        Cluster two = add(Clusters.join(new Muted(store().cluster(), mute), 2, 9002));
        Awaitility.await()
                .until(() -> one.members().size() == 2 && two.members().size() == 2);
        var lonely = new AtomicBoolean();
        one.onChange(() -> lonely.compareAndSet(false, one.members().size() < 2));
        two.onChange(() -> lonely.compareAndSet(false, two.members().size() < 2));

        mute.set(true);
        Awaitility.await().until(() -> !one.isActing() && !two.isActing());
        mute.set(false);

        Awaitility.await().until(() -> one.isActing() && two.isActing());
        Awaitility.await()
                .during(1, TimeUnit.SECONDS)
                .until(() -> one.members().size() == 2 && two.members().size() == 2);
        assertThat(lonely).isFalse();
    }

    @Test
    void ofTwoThatClaimAPartitionOneGetsIt() {
        Store store = store();
        var topic = new Topic("orders", Uuid.randomUuid(), 2, Optional.empty(), Map.of());
        store.topics().create(topic);
        var requests =
                List.of(new LogStore.ClaimRequest(topic.id(), 0, -1), new LogStore.ClaimRequest(topic.id(), 1, -1));

        assertThat(store.logs().claim(1, requests)).hasSize(2);
        assertThat(store.logs().claim(2, requests)).isEmpty();
        assertThat(store.logs().claim(2, List.of(new LogStore.ClaimRequest(topic.id(), 1, 0))))
                .hasSize(1);
        assertThat(database.query("select string_agg(leader_broker || '@' || leader_epoch, ' ' order by index)"
                        + " from paillette.partition"))
                .isEqualTo("1@0 2@1");
    }

    @Test
    void aClaimDoesNotWaitForABrokerThatFrozeInsideATransaction() throws Exception {
        Store store = store();
        Cluster cluster = add(Clusters.join(store.cluster(), 1, 9001));
        var topic = new Topic("orders", Uuid.randomUuid(), 1, Optional.empty(), Map.of());
        store.topics().create(topic);
        var request = List.of(new LogStore.ClaimRequest(topic.id(), 0, -1));
        try (var frozen = database.connect();
                var statement = frozen.createStatement()) {
            statement.execute("set application_name = 'paillette writer'");
            frozen.setAutoCommit(false);
            statement.execute("select from paillette.partition for update");

            assertThatThrownBy(() -> store.logs().claim(1, request))
                    .isInstanceOf(StoreException.class)
                    .satisfies(e -> cluster.unsettled((StoreException) e));
            assertThat(store.logs().claim(1, request)).hasSize(1);
        }
    }

    @Test
    void aChangeIsHeardOnceAndAnIdleBrokerAsksOneQuestion() {
        Cluster cluster = join(1, 9001);
        var changes = new java.util.concurrent.atomic.AtomicInteger();
        cluster.onChange(changes::incrementAndGet);
        store().topics().create(new Topic("orders", Uuid.randomUuid(), 1, Optional.empty(), Map.of()));

        Awaitility.await().untilAsserted(() -> assertThat(changes).hasValue(1));
        Awaitility.await().during(1, TimeUnit.SECONDS).until(() -> changes.get() == 1);
    }

    private Cluster join(int id, int port) {
        return add(Clusters.join(store().cluster(), id, port));
    }

    private Store store() {
        return add(Store.open(StoreSettings.of(database.url())));
    }

    private <T extends AutoCloseable> T add(T part) {
        open.add(part);
        return part;
    }

    /** A store that a broker cannot reach for a while. */
    private record Muted(ClusterStore store, AtomicBoolean mute) implements ClusterStore {

        private void check() {
            if (mute.get()) {
                throw new StoreException("out of reach", StoreException.Fate.UNKNOWN, new java.io.IOException());
            }
        }

        @Override
        public Registered register(Registration registration) {
            check();
            return store.register(registration);
        }

        @Override
        public Beat heartbeat(int brokerId, long incarnation) {
            check();
            return store.heartbeat(brokerId, incarnation);
        }

        @Override
        public void setState(int brokerId, long incarnation, Member.State state) {
            check();
            store.setState(brokerId, incarnation, state);
        }

        @Override
        public void leave(int brokerId, long incarnation) {
            check();
            store.leave(brokerId, incarnation);
        }

        @Override
        public Map<Duty, Leader> leadersSince(long revision) {
            check();
            return store.leadersSince(revision);
        }

        @Override
        public void endStalled() {
            check();
            store.endStalled();
        }
    }
}
