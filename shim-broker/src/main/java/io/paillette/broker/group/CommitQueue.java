package io.paillette.broker.group;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Appends waiting for the committer, bounded in bytes. What waits when the committer comes back becomes one group commit;
 * per shard, appends keep their order.
 */
final class CommitQueue {

    /** A small append is not free: array slots, objects. */
    private static final int OVERHEAD_BYTES = 200;

    private final long maxBytes;
    private final long maxGroupBytes;
    private final ArrayDeque<ShardAppend> appends = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    CommitQueue(long maxBytes, long maxGroupBytes) {
        this.maxBytes = maxBytes;
        this.maxGroupBytes = maxGroupBytes;
    }

    /** False when the store is so far behind that nothing more is taken. */
    synchronized boolean offer(ShardAppend append) {
        if (closed || bytes + weight(append) > maxBytes) {
            return false;
        }
        appends.add(append);
        bytes += weight(append);
        notifyAll();
        return true;
    }

    /** Waits for appends and answers the next group, by shard number; empty once closed and drained. */
    synchronized List<ShardCommit> take() throws InterruptedException {
        while (appends.isEmpty() && !closed) {
            wait();
        }
        var groups = new LinkedHashMap<Integer, Group>();
        long size = 0;
        for (Iterator<ShardAppend> waiting = appends.iterator(); waiting.hasNext() && size < maxGroupBytes; ) {
            ShardAppend append = waiting.next();
            Group group = groups.computeIfAbsent(append.from().shard(), shard -> new Group());
            if (group.add(append)) {
                waiting.remove();
                bytes -= weight(append);
                size += weight(append);
            }
        }
        return groups.values().stream()
                .filter(Group::isStarted)
                .map(Group::commit)
                .toList();
    }

    /** Forgets what waits for a shard that was lost. */
    synchronized void drop(int shard) {
        for (Iterator<ShardAppend> waiting = appends.iterator(); waiting.hasNext(); ) {
            ShardAppend append = waiting.next();
            if (append.from().shard() == shard) {
                waiting.remove();
                bytes -= weight(append);
            }
        }
    }

    /** Takes nothing more; what waits is still handed out. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private static long weight(ShardAppend append) {
        return append.bytes() + OVERHEAD_BYTES + (long) append.records().size() * OVERHEAD_BYTES;
    }

    /** Appends of one shard that go into one commit. */
    private static final class Group {
        private final List<ShardAppend> taken = new ArrayList<>();
        private boolean full;

        /** Refuses an append of an earlier phase, and then everything: it must not be overtaken. */
        boolean add(ShardAppend append) {
            if (!taken.isEmpty() && append.phase().compareTo(last().phase()) < 0) {
                full = true;
            }
            if (!full) {
                taken.add(append);
            }
            return !full;
        }

        boolean isStarted() {
            return !taken.isEmpty();
        }

        private ShardAppend last() {
            return taken.get(taken.size() - 1);
        }

        ShardCommit commit() {
            Map<ByteBuffer, StateRecord> plain = new HashMap<>();
            var pending = new ArrayList<StateRecord>();
            var markers = new ArrayList<ShardCommit.Marker>();
            for (ShardAppend append : taken) {
                switch (append.phase()) {
                    case PLAIN -> append.records().forEach(record -> plain.put(record.key(), record));
                    case TRANSACTIONAL -> pending.addAll(append.records());
                    case MARKER -> markers.addAll(append.markers());
                }
            }
            return new ShardCommit(taken.get(0).from(), last().end(), List.copyOf(plain.values()), pending, markers);
        }
    }
}
