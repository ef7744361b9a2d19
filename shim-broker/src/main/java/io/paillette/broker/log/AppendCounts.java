package io.paillette.broker.log;

import java.util.List;

/**
 * What was committed since the start.
 *
 * @param groups  commits; each holds the appends that came while the one before was under way
 * @param appends of a producer's request or a source, which may go to several partitions
 * @param nanos   from the beginning of a group's first attempt to its commit
 */
public record AppendCounts(long groups, long appends, long bytes, long nanos) {

    static final AppendCounts NONE = new AppendCounts(0, 0, 0, 0);

    AppendCounts plus(List<PendingAppend> group, long tookNanos) {
        long size = group.stream().mapToLong(PendingAppend::sizeBytes).sum();
        return group.isEmpty()
                ? this
                : new AppendCounts(groups + 1, appends + group.size(), bytes + size, nanos + tookNanos);
    }
}
