package io.paillette.broker.cluster;

import io.paillette.broker.store.StoreException;
import java.util.List;
import java.util.Map;

/** Keeps the brokers. Every call blocks until the store has answered, and throws {@link StoreException} when it does not. */
public interface ClusterStore {

    /** Begins a new incarnation, starting, unless a live broker has the id. */
    Registered register(Registration registration);

    /** Notes that this incarnation lives, if it is still the newest. */
    Beat heartbeat(int brokerId, long incarnation);

    void setState(int brokerId, long incarnation, Member.State state);

    /** From now on nobody waits for this broker's session to time out. */
    void leave(int brokerId, long incarnation);

    /** Leaders that changed after {@code revision}; at least those. */
    Map<Duty, Leader> leadersSince(long revision);

    /** Ends sessions of brokers that froze inside a transaction and hold locks. */
    void endStalled();

    sealed interface Registered {

        record As(long incarnation) implements Registered {}

        /**
         * @param heartbeat the newest one of whoever has the id; compared only
         * @param holder    {@code host:port}
         */
        record Refused(String heartbeat, String holder) implements Registered {}
    }

    /**
     * @param revision       number of the newest change of a leader or a topic
     * @param topicsRevision of the newest change of a topic
     * @param live           every live broker
     */
    record Beat(long revision, long topicsRevision, List<Member> live) {

        public Beat {
            live = List.copyOf(live);
        }
    }
}
