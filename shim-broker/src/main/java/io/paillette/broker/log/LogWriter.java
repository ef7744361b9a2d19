package io.paillette.broker.log;

import io.paillette.broker.log.AppendGroup.Position;
import io.paillette.broker.log.AppendGroup.Positions;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that appends. What arrives while a commit is under way goes into the next one, together with what those
 * answered by the last one send again at once ({@link Gathering}).
 *
 * <pre>
 *   submit -> inbox -> [next group] -> GroupCommit -> committed:  cache, high watermark, future, listeners
 *                                                  -> casualties: partitions broken off, later appends of theirs struck
 *                                                                 from the queue, futures failed, partitions reloaded
 * </pre>
 */
final class LogWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final long GROUP_BYTES = 4L << 20;
    private static final long RELOAD_PAUSE_MS = 200;
    private static final long LONGEST_WAIT_SECONDS = 5;

    private final LogStore store;
    private final GroupCommit commits;
    private final Listeners listeners;
    private final long limitBytes;
    private final AtomicLong reservedBytes = new AtomicLong();
    private final Thread thread = new Thread(this::run, "paillette-log-writer");

    private final ReentrantLock inboxLock = new ReentrantLock();
    private final Condition arrived = inboxLock.newCondition();
    private final ArrayDeque<PendingAppend> inbox = new ArrayDeque<>(); // guarded by inboxLock
    private int wanted = 1; // guarded by inboxLock: so many appends in the inbox wake the writer
    private boolean closing; // guarded by inboxLock
    private volatile boolean hurry;
    private volatile AppendCounts counts = AppendCounts.NONE; // written by the writer's thread alone

    // Of the writer's thread alone.
    private final Gathering gathering = new Gathering();
    private final ArrayDeque<PendingAppend> backlog = new ArrayDeque<>();
    private final Set<PartitionLog> broken = new LinkedHashSet<>();

    LogWriter(LogStore store, long limitBytes, Duration patience, Listeners listeners) {
        this.store = store;
        this.limitBytes = limitBytes;
        this.commits = new GroupCommit(store, patience, () -> hurry);
        this.listeners = listeners;
        thread.setDaemon(true);
        thread.start();
    }

    /** @return false when that would be more than may wait */
    boolean reserve(long bytes) {
        if (reservedBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        reservedBytes.addAndGet(-bytes);
        return false;
    }

    AppendCounts counts() {
        return counts;
    }

    /** Of appends that wait for their commit. */
    long reservedBytes() {
        return reservedBytes.get();
    }

    void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    /** Called under the locks of the append's partitions, so the queue keeps the order of their offsets. */
    void submit(PendingAppend append) {
        inboxLock.lock();
        try {
            if (closing) {
                throw new NotLeaderOrFollowerException("the broker is stopping; find the new leader");
            }
            inbox.add(append);
            if (inbox.size() >= wanted) {
                arrived.signal();
            }
        } finally {
            inboxLock.unlock();
        }
    }

    /** Returns when everything submitted before is committed or refused, or after a while. */
    void awaitSubmitted() {
        var done = new CountDownLatch(1);
        try {
            submit(new PendingAppend(List.of(), Optional.empty(), done::countDown, failure -> done.countDown()));
            if (!done.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("appends are still waiting for the store; they are left to the next leader's fence");
            }
        } catch (NotLeaderOrFollowerException e) {
            LOG.debug("the writer is closing: it commits what is queued by itself", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Commits what is queued, then ends; a store that is out of reach is not waited for. */
    @Override
    public void close() {
        hurry = true;
        inboxLock.lock();
        try {
            closing = true;
            arrived.signal();
        } finally {
            inboxLock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (List<PendingAppend> group = next(); group != null; group = next()) {
                if (!group.isEmpty()) {
                    long since = System.nanoTime();
                    GroupCommit.Result result = commits.commit(group);
                    long took = System.nanoTime() - since;
                    counts = counts.plus(result.committed(), took);
                    gathering.committed(group.size(), queued(), took);
                    settle(result);
                }
                reload();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("the log writer has failed; restart the broker", e);
            die(e);
            throw e; // ends the process
        }
    }

    /** Nothing would ever answer these again. */
    private void die(Throwable cause) {
        inboxLock.lock();
        try {
            closing = true;
            backlog.addAll(inbox);
            inbox.clear();
        } finally {
            inboxLock.unlock();
        }
        backlog.forEach(append -> append.onFailure()
                .accept(new KafkaStorageException("the log writer has failed; restart the broker", cause)));
    }

    /** The next group; empty when it is time to reload broken partitions, null at the end. */
    private @Nullable List<PendingAppend> next() {
        inboxLock.lock();
        try {
            while (backlog.isEmpty() && inbox.isEmpty()) {
                if (closing) {
                    return null;
                }
                wanted = 1;
                if (broken.isEmpty()) {
                    arrived.awaitUninterruptibly();
                } else if (!arrived.await(RELOAD_PAUSE_MS, TimeUnit.MILLISECONDS)) {
                    return List.of();
                }
            }
            gather();
            backlog.addAll(inbox);
            inbox.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            inboxLock.unlock();
        }
        return cutGroup();
    }

    /** With the inbox locked. */
    private void gather() throws InterruptedException {
        wanted = gathering.wanted() - backlog.size();
        for (long left = gathering.leftNanos(); left > 0 && inbox.size() < wanted && !closing; ) {
            left = arrived.awaitNanos(left);
        }
    }

    private int queued() {
        inboxLock.lock();
        try {
            return backlog.size() + inbox.size();
        } finally {
            inboxLock.unlock();
        }
    }

    private List<PendingAppend> cutGroup() {
        var group = new ArrayList<PendingAppend>();
        long bytes = 0;
        while (!backlog.isEmpty()
                && (group.isEmpty() || bytes + backlog.element().sizeBytes() <= GROUP_BYTES)) {
            PendingAppend append = backlog.remove();
            bytes += append.sizeBytes();
            group.add(append);
        }
        return group;
    }

    private void settle(GroupCommit.Result result) {
        var advanced = new LinkedHashSet<PartitionLog>();
        for (PendingAppend append : result.committed()) {
            append.parts().forEach(part -> {
                part.log().committed(part);
                advanced.add(part.log());
            });
        }
        result.committed().forEach(append -> append.onCommit().run());
        advanced.forEach(listeners::advanced);
        if (!result.casualties().isEmpty()) {
            List<PendingAppend> casualties = breakOff(result.casualties());
            Optional<Positions> now = reload();
            casualties.forEach(append -> append.onFailure().accept(verdict(append, now, result.fault())));
        }
    }

    /** Breaks off all that the casualties touch, and everything queued behind them; answers all that must fail. */
    private List<PendingAppend> breakOff(List<PendingAppend> first) {
        var fallout = Fallout.ofAll(first);
        var done = new HashSet<PendingAppend>();
        while (done.size() < fallout.casualties().size()) {
            // First the partitions stop accepting, then the queue is searched: so nothing slips in between.
            for (PendingAppend append : fallout.casualties()) {
                if (done.add(append)) {
                    append.parts().forEach(part -> part.log().breakOff());
                    append.parts().forEach(part -> broken.add(part.log()));
                    append.feed().ifPresent(feed -> listeners.feedBroken(feed.source(), feed.ownerEpoch()));
                }
            }
            drainInbox();
            List<PendingAppend> spared = fallout.spare(List.copyOf(backlog));
            backlog.clear();
            backlog.addAll(spared);
        }
        return fallout.casualties();
    }

    private void drainInbox() {
        inboxLock.lock();
        try {
            backlog.addAll(inbox);
            inbox.clear();
        } finally {
            inboxLock.unlock();
        }
    }

    /** Broken partitions go on from where the store says they stand, or are given up to their new leader. */
    private Optional<Positions> reload() {
        if (broken.isEmpty()) {
            return Optional.empty();
        }
        try {
            Positions now =
                    store.positions(broken.stream().map(PartitionLog::id).toList());
            for (PartitionLog log : broken) {
                Position position = now.byPartition().get(log.id());
                if (position != null && position.leaderEpoch() == log.leaderEpoch()) {
                    log.resume(position.nextOffset());
                    listeners.advanced(log);
                } else {
                    log.resign();
                    listeners.resigned(log);
                }
            }
            broken.clear();
            return Optional.of(now);
        } catch (StoreException e) {
            LOG.warn("{} partitions stay closed for appends: {}", broken.size(), e.getMessage());
            return Optional.empty();
        }
    }

    private static ApiException verdict(PendingAppend append, Optional<Positions> now, Optional<StoreException> fault) {
        boolean fenced = now.isPresent()
                && append.parts().stream().anyMatch(part -> {
                    Position position = now.get().byPartition().get(part.log().id());
                    return position == null
                            || position.leaderEpoch() != part.log().leaderEpoch();
                });
        if (fenced) {
            return new NotLeaderOrFollowerException("another broker leads the partition now");
        }
        return fault.map(e -> new KafkaStorageException(e.getMessage(), e))
                .orElseGet(() -> new KafkaStorageException(
                        "the append was withdrawn because one before it failed; send it again"));
    }

    /** Told on the writer's thread. */
    interface Listeners {

        void advanced(PartitionLog log);

        void resigned(PartitionLog log);

        void feedBroken(String source, long ownerEpoch);
    }
}
