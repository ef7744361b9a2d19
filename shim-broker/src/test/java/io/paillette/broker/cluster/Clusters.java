package io.paillette.broker.cluster;

import io.paillette.broker.cluster.ClusterStore.Beat;
import io.paillette.broker.cluster.Member.Address;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brokers among others, or as good as alone, for tests. */
public final class Clusters {

    private Clusters() {}

    /** A broker that takes itself for the only one and hears nothing from others: whoever led before is gone. */
    public static Cluster alone(ClusterStore store, int id, int port) {
        return join(new Deaf(store, member(id, port)), id, port);
    }

    /** As a real one; it serves at once. */
    public static Cluster join(ClusterStore store, int id, int port) {
        try {
            Cluster cluster = Cluster.join(registration(id, port), store);
            cluster.serve();
            return cluster;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static Registration registration(int id, int port) {
        return new Registration(
                id,
                List.of(new Address("PLAINTEXT", "127.0.0.1", port)),
                Optional.empty(),
                Set.of(),
                Duration.ofMillis(200),
                Duration.ofMillis(1500));
    }

    public static Member member(int id, int port) {
        Registration self = registration(id, port);
        return new Member(id, 1, Member.State.SERVING, self.addresses(), self.rack(), self.sources());
    }

    /** Reads who led when it started, in the real store, and nothing later. */
    private record Deaf(ClusterStore store, Member self) implements ClusterStore {

        @Override
        public Registered register(Registration registration) {
            return new Registered.As(self.incarnation());
        }

        @Override
        public Beat heartbeat(int brokerId, long incarnation) {
            return new Beat(0, 0, List.of(self));
        }

        @Override
        public void setState(int brokerId, long incarnation, Member.State state) {
            // always serves
        }

        @Override
        public void leave(int brokerId, long incarnation) {
            // was never there
        }

        @Override
        public Map<Duty, Leader> leadersSince(long revision) throws StoreException {
            return store.leadersSince(revision);
        }

        @Override
        public void endStalled() {
            store.endStalled();
        }
    }
}
