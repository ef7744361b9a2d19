package io.paillette.broker.group;

import io.paillette.broker.store.StoreException;
import io.paillette.broker.store.StoreException.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes coordinator records: takes what has gathered, commits it in one statement, tells the shards.
 *
 * <p>While the store cannot be reached, or the outcome of a commit is unknown, it asks for the shards' positions until it gets
 * an answer: moved means committed, unmoved means try again, anything else means fenced. Nothing is given up meanwhile; Kafka's
 * operations time out on their own and the queue refuses what it cannot hold. What an operation that timed out wrote may still
 * be committed later, as in Kafka.
 */
final class GroupCommitter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long CLOSE_MILLIS = 10_000;

    private final GroupStore store;
    private final Map<Integer, Shard> shards;
    private final CommitQueue queue;
    private final Elections elections;
    private final Thread thread = new Thread(this::run, "paillette-groups-commit");

    /** Told on the committer's thread; must not wait for a commit. */
    interface Elections {

        /** Another broker took the shard over. */
        void resigned(int shard);

        /** The shard's state machine is ahead of the store and must be loaded anew. */
        void reelected(ShardPosition claim);
    }

    GroupCommitter(GroupStore store, Map<Integer, Shard> shards, CommitQueue queue, Elections elections) {
        this.store = store;
        this.shards = Map.copyOf(shards);
        this.queue = queue;
        this.elections = elections;
    }

    void start() {
        thread.start();
    }

    /** Commits what waits, for at most ten seconds, then stops. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(CLOSE_MILLIS);
            if (thread.isAlive()) {
                LOG.warn("commits of consumer groups are still waiting for the store; they were not acknowledged");
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (List<ShardCommit> group = queue.take(); !group.isEmpty(); group = queue.take()) {
                commit(group);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only close() interrupts, and it has said so
        } catch (RuntimeException | Error e) {
            LOG.error("committing consumer groups stopped: restart the broker", e);
            throw e;
        }
    }

    private void commit(List<ShardCommit> group) throws InterruptedException {
        List<ShardCommit> left = group;
        long pause = FIRST_PAUSE_MILLIS;
        while (!left.isEmpty()) {
            try {
                Set<Integer> moved = store.commit(left);
                left.stream().filter(commit -> moved.contains(commit.shard())).forEach(this::committed);
                left = unsettled(left.stream()
                        .filter(commit -> !moved.contains(commit.shard()))
                        .toList());
            } catch (StoreException e) {
                if (e.fate() == Fate.REFUSED) {
                    refused(left, e);
                    return;
                }
                LOG.warn("a commit of consumer groups is retried: {}", e.getMessage());
                pause(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                left = unsettled(left);
            }
        }
    }

    /** Settles those whose outcome the store now tells; answers those that were not stored and are still ours. */
    private List<ShardCommit> unsettled(List<ShardCommit> commits) throws InterruptedException {
        if (commits.isEmpty()) {
            return commits;
        }
        List<Integer> numbers = commits.stream().map(ShardCommit::shard).toList();
        Map<Integer, ShardPosition> now = patiently(() -> store.positions(numbers));
        var again = new ArrayList<ShardCommit>();
        for (ShardCommit commit : commits) {
            ShardPosition position = now.get(commit.shard());
            if (position != null && position.equals(commit.from())) {
                again.add(commit);
            } else if (position != null
                    && position.leaderEpoch() == commit.from().leaderEpoch()
                    && position.nextOffset() == commit.end()) {
                committed(commit);
            } else {
                LOG.info("coordinator shard {} now stands at {}: another broker leads it", commit.shard(), position);
                resign(commit.from());
            }
        }
        return again;
    }

    /** The records themselves are at fault: find whose they are, so that one shard's fault stays its own. */
    private void refused(List<ShardCommit> commits, StoreException cause) throws InterruptedException {
        if (commits.size() > 1) {
            for (ShardCommit commit : commits) {
                commit(List.of(commit));
            }
            return;
        }
        ShardPosition ours = commits.get(0).from();
        LOG.error("coordinator shard {} is loaded anew, because its records were refused", ours.shard(), cause);
        if (!shard(ours.shard()).lost(ours.leaderEpoch())) {
            return; // handed over meanwhile
        }
        Optional<ShardPosition> claim = patiently(() -> store.reclaim(ours));
        if (claim.isPresent()) {
            if (shard(ours.shard()).claimed(claim.get())) {
                elections.reelected(claim.get());
            }
        } else {
            elections.resigned(ours.shard());
        }
    }

    private void committed(ShardCommit commit) {
        shard(commit.shard()).committed(commit.end());
    }

    private void resign(ShardPosition ours) {
        if (shard(ours.shard()).lost(ours.leaderEpoch())) {
            elections.resigned(ours.shard());
        }
    }

    private Shard shard(int number) {
        Shard shard = shards.get(number);
        if (shard == null) {
            throw new IllegalStateException("no coordinator shard " + number);
        }
        return shard;
    }

    private <T> T patiently(Supplier<T> question) throws InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return question.get();
            } catch (StoreException e) {
                LOG.warn("the store of consumer groups does not answer: {}", e.getMessage());
                pause(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        }
    }

    /** Also while closing: the store is asked until close() loses patience and interrupts. */
    private static void pause(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
