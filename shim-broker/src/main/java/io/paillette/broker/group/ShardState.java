package io.paillette.broker.group;

import java.util.List;

/** Everything a shard holds, as it was at {@code position}. */
public record ShardState(ShardPosition position, List<StateRecord> records) {

    public ShardState {
        records = List.copyOf(records);
    }
}
