package io.paillette.broker.group;

import io.paillette.broker.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the coordinator's shards live. All methods block and are called from the threads of this package only; they fail with
 * {@link StoreException}.
 *
 * <p>A shard belongs to whoever claimed it last: {@link #commit} is a compare-and-set on leader epoch and next offset, in the
 * same transaction as the records, so an older owner stores nothing.
 */
public interface GroupStore {

    /** How many shards there are; creates {@code wanted} of them if there are none yet, and never changes the number again. */
    int shards(int wanted);

    /**
     * Takes over shards whose epoch is still the one given: it is raised by one, older owners are fenced. The others are not
     * answered.
     *
     * @param expectedEpochs by shard
     */
    List<ShardPosition> claim(int brokerId, Map<Integer, Integer> expectedEpochs);

    /** Leaves shards without a leader, except those that have a newer one. */
    void release(Map<Integer, Integer> epochs);

    /** Raises the epoch of one shard that is still ours; empty when somebody else took it over. */
    Optional<ShardPosition> reclaim(ShardPosition ours);

    /** What the store says now, by shard. */
    Map<Integer, ShardPosition> positions(Collection<Integer> shards);

    /** Live records of one shard in state offset order, open transactions included, all from one snapshot. */
    ShardState load(int shard);

    /**
     * Stores the records of every shard whose position is still as given and moves that position; other shards stay as they are.
     *
     * @return the shards that moved
     * @throws StoreException whose outcome may be unknown: ask {@link #positions} before anything else
     */
    Set<Integer> commit(List<ShardCommit> commits);
}
