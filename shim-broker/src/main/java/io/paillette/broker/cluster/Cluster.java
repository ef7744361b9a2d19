package io.paillette.broker.cluster;

import io.paillette.broker.cluster.ClusterStore.Beat;
import io.paillette.broker.cluster.ClusterStore.Registered;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.DuplicateBrokerRegistrationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker among those of its store. One thread, {@code paillette-cluster}, heartbeats and hears what has changed; whoever
 * leads something is told and acts on it with a thread of its own.
 *
 * <pre>
 *   join -> starting --serve--> serving --handOver--> leaving --close--> gone
 *                                  |  ^
 *            no heartbeat for the  v  |  heartbeats again, or registers anew when its place was taken
 *            session timeout:    lapsed     (leads nothing meanwhile; what others took is fenced by its epoch)
 * </pre>
 */
public final class Cluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

    private static final Duration HURRIED_INTERVAL = Duration.ofMillis(50);
    private static final Duration REGISTRATION_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_HAND_OVER = Duration.ofSeconds(8);
    private static final Duration LONGEST_WAIT_FOR_LEADERS = Duration.ofSeconds(5);

    private final Registration self;
    private final ClusterStore store;
    private final Leaders leaders = new Leaders();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "paillette-cluster");

    private volatile View view = View.NOTHING_YET;
    private volatile long leaseEndNanos = System.nanoTime();
    private volatile long hurryEndNanos = System.nanoTime();
    private volatile boolean untold; // something has changed that the listeners do not know
    private volatile boolean closed;

    // Guarded by this.
    private long incarnation;
    private long knownRevision = -1;
    private long patientUntilNanos = System.nanoTime();
    private long quietUntilNanos = System.nanoTime();
    private boolean serving;

    private Cluster(Registration self, ClusterStore store) {
        this.self = self;
        this.store = store;
        thread.setDaemon(true);
    }

    /**
     * Takes its place among the brokers, without leading anything yet. Waits until an earlier start with the same id that was
     * killed counts as gone.
     *
     * @throws DuplicateBrokerRegistrationException when a live broker has the id
     */
    public static Cluster join(Registration self, ClusterStore store) throws InterruptedException {
        var cluster = new Cluster(self, store);
        cluster.register();
        cluster.beat();
        cluster.thread.start();
        return cluster;
    }

    private synchronized void register() throws InterruptedException {
        Optional<String> firstSeen = Optional.empty();
        while (true) {
            Registered answer = store.register(self);
            if (answer instanceof Registered.As as) {
                incarnation = as.incarnation();
                return;
            }
            var refused = (Registered.Refused) answer;
            if (firstSeen.isPresent() && !firstSeen.get().equals(refused.heartbeat())) {
                throw new DuplicateBrokerRegistrationException("a live broker at " + refused.holder()
                        + " has broker.id=" + self.id() + " on this store; give this one another broker.id");
            }
            firstSeen = Optional.of(refused.heartbeat());
            Thread.sleep(REGISTRATION_INTERVAL.toMillis());
        }
    }

    public int brokerId() {
        return self.id();
    }

    /** Every live broker that clients may be sent to. */
    public List<Member> members() {
        return view.members().stream().filter(Member::isReachable).toList();
    }

    public Optional<Member> member(int id) {
        return view.member(id).filter(Member::isReachable);
    }

    public Leaders leaders() {
        return leaders;
    }

    public Placement placement() {
        return view.placement();
    }

    public long topicsRevision() {
        return view.topicsRevision();
    }

    /** Whether others still take this broker for alive, by its own clock: once not, it must not answer as a leader. */
    public boolean isActing() {
        return System.nanoTime() - leaseEndNanos < 0;
    }

    /** Every source that a broker is configured with or that was ever fed, in the order of their names. */
    public Set<String> sources() {
        var names = new TreeSet<>(leaders.sources());
        view.members().forEach(member -> names.addAll(member.sources()));
        return names;
    }

    /**
     * What to do about a duty.
     *
     * @param target    who should lead it
     * @param heldEpoch under which this broker leads it; empty when it does not
     */
    public Move next(Duty duty, int target, Optional<Integer> heldEpoch) {
        Leader leader = leaders.of(duty);
        if (heldEpoch.isPresent()) {
            boolean ours = target == self.id() || target == Leader.NOBODY;
            return leader.epoch() > heldEpoch.get() ? Move.LOST : ours ? Move.NONE : Move.RELEASE;
        }
        boolean namedLeader = leader.broker() == self.id();
        if (target != self.id()) {
            // The store names this broker although it does not lead, from before a restart or a failure: only it can
            // let go.
            // While it starts the others take it.
            boolean mustLetGo =
                    namedLeader && target != Leader.NOBODY && member(self.id()).isPresent();
            return mustLetGo ? Move.CLAIM : Move.NONE;
        }
        boolean held = leader.broker() != Leader.NOBODY
                && !namedLeader
                && member(leader.broker()).isPresent();
        if (held) {
            hurry();
        }
        return held ? Move.NONE : Move.CLAIM;
    }

    /** Completes, never with a failure, once each duty has a leader here or elsewhere, or after a while without. */
    public CompletableFuture<Void> awaitLeaders(Collection<? extends Duty> duties) {
        CompletableFuture<Void> led = leaders.allLed(duties, LONGEST_WAIT_FOR_LEADERS);
        if (!led.isDone()) {
            wake.release();
        }
        return led;
    }

    /** Calls back when brokers, leaders or topics have changed, on a thread that must not be blocked. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** What was to be claimed or released could not be: listeners are told again soon, and sessions that stand in the way end. */
    public void unsettled(StoreException cause) {
        LOG.warn("leadership could not be settled, next try soon: {}", cause.getMessage());
        try {
            store.endStalled();
        } catch (StoreException e) {
            LOG.debug("stalled sessions were not looked for", e);
        }
        settleAgain();
    }

    public void settleAgain() {
        untold = true;
        hurry();
    }

    /** From now on this broker gets its share of what there is to lead. */
    public synchronized void serve() {
        store.setState(self.id(), incarnation, Member.State.SERVING);
        serving = true;
        beat();
    }

    /**
     * Gives everything to the other brokers, if there are any, and returns when they lead it. They are told first and wait with
     * quick heartbeats by the time this one lets go.
     */
    public void handOver() throws InterruptedException {
        if (!view.isServedByAnotherThan(self.id())) {
            return;
        }
        try {
            announceLeaving();
        } catch (StoreException e) {
            LOG.warn("nothing is handed over, the others take it: {}", e.getMessage());
            return;
        }
        long deadline = System.nanoTime() + LONGEST_HAND_OVER.toNanos();
        while (leaders.anyOf(self.id()) && view.isServedByAnotherThan(self.id()) && System.nanoTime() - deadline < 0) {
            hurry();
            Thread.sleep(HURRIED_INTERVAL.toMillis());
        }
    }

    private synchronized void announceLeaving() {
        store.setState(self.id(), incarnation, Member.State.LEAVING);
        serving = false;
        quietUntilNanos = System.nanoTime()
                + self.heartbeatInterval().plus(HURRIED_INTERVAL).toNanos();
    }

    /** Ends the session; what this broker still leads is free for others at once. */
    @Override
    public void close() {
        closed = true;
        wake.release();
        try {
            thread.join(LONGEST_HAND_OVER.toMillis());
            store.leave(self.id(), incarnation());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreException e) {
            LOG.warn("the other brokers wait until the session of this one times out: {}", e.getMessage());
        }
    }

    private synchronized long incarnation() {
        return incarnation;
    }

    private void hurry() {
        hurryEndNanos = System.nanoTime() + self.sessionTimeout().toNanos();
        wake.release();
    }

    private void run() {
        while (!closed) {
            try {
                boolean hurried = System.nanoTime() - hurryEndNanos < 0 || leaders.isAwaited();
                Duration pause =
                        hurried ? HURRIED_INTERVAL : isAlone() ? self.loneInterval() : self.heartbeatInterval();
                if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                    Thread.sleep(HURRIED_INTERVAL.toMillis());
                }
                if (!closed) {
                    beat();
                }
            } catch (StoreException e) {
                LOG.warn("no heartbeat: {}", e.getMessage());
                hurry();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean isAlone() {
        return view.members().size() == 1;
    }

    private synchronized void beat() {
        long sentNanos = System.nanoTime();
        boolean wasActing = isActing();
        Beat beat = store.heartbeat(self.id(), incarnation);
        if (beat.live().stream().noneMatch(member -> member.id() == self.id() && member.incarnation() == incarnation)) {
            registerAnew();
            return;
        }
        if (!wasActing && serving) {
            LOG.warn("this broker was silent for longer than its session; others may lead now what it did");
            // Whatever kept it silent may have kept the others silent too: they get time to be heard.
            patientUntilNanos = sentNanos + self.quietBeforeGone().toNanos();
        }
        if (beat.revision() != knownRevision) {
            leaders.heard(store.leadersSince(knownRevision));
            knownRevision = beat.revision();
            untold = true;
        }
        List<Member> members = sentNanos - patientUntilNanos < 0 ? withMissing(beat.live()) : beat.live();
        if (!members.equals(view.members()) || beat.topicsRevision() != view.topicsRevision()) {
            tellOfMembers(members);
            view = View.of(members, beat.topicsRevision());
            untold = true;
        }
        leaseEndNanos = sentNanos + self.sessionTimeout().toNanos();
        if (untold && sentNanos - quietUntilNanos >= 0) {
            untold = false;
            listeners.forEach(Cluster::tell);
        }
    }

    private List<Member> withMissing(List<Member> live) {
        var all = new ArrayList<>(live);
        view.members().stream()
                .filter(known -> live.stream().noneMatch(member -> member.id() == known.id()))
                .forEach(all::add);
        return all;
    }

    private void tellOfMembers(List<Member> members) {
        Set<Integer> before = ids(view.members());
        Set<Integer> now = ids(members);
        if (!before.equals(now)) {
            LOG.info("live brokers: {}", now);
        }
    }

    private static Set<Integer> ids(List<Member> members) {
        var ids = new TreeSet<Integer>();
        members.stream().filter(Member::isReachable).map(Member::id).forEach(ids::add);
        return ids;
    }

    /** Another process was started with this id while this one was silent. */
    private void registerAnew() {
        if (isActing()) {
            leaseEndNanos = System.nanoTime();
            LOG.error("another broker was started with broker.id={}; this one leads nothing any more", self.id());
        }
        if (store.register(self) instanceof Registered.As as) {
            incarnation = as.incarnation();
            LOG.info("broker {} is back", self.id());
            if (serving) {
                store.setState(self.id(), incarnation, Member.State.SERVING);
            }
        }
    }

    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.error("a listener of the cluster has failed", e);
        }
    }
}
