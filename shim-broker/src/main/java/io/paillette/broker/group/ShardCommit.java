package io.paillette.broker.group;

import java.util.List;

/**
 * What one group commit does to one shard, in this order.
 *
 * @param from    position the shard must have
 * @param end     next offset afterwards
 * @param plain   records outside of transactions, at most one a key
 * @param pending records of open transactions
 * @param markers transactions that end
 */
public record ShardCommit(
        ShardPosition from, long end, List<StateRecord> plain, List<StateRecord> pending, List<Marker> markers) {

    public ShardCommit {
        plain = List.copyOf(plain);
        pending = List.copyOf(pending);
        markers = List.copyOf(markers);
    }

    int shard() {
        return from.shard();
    }

    /** Decides what becomes of the pending records of a producer. */
    public record Marker(long producerId, boolean commit) {}
}
