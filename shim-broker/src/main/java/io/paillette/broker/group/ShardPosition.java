package io.paillette.broker.group;

/**
 * Where a shard stands.
 *
 * @param nextOffset state offset of the next record
 */
public record ShardPosition(int shard, int leaderEpoch, long nextOffset) {}
