package io.paillette.benchmarks;

import java.util.Arrays;

/** Which offsets were sent and which were acknowledged, by group and partition. */
final class CommittedOffsets {

    private static final long NONE = -1;

    private final int partitions;
    private final long[] acknowledged;
    private final long[] sent;
    private long acknowledgements;
    private long refusals;

    CommittedOffsets(int groups, int partitions) {
        this.partitions = partitions;
        this.acknowledged = new long[groups * partitions];
        this.sent = new long[groups * partitions];
        Arrays.fill(acknowledged, NONE);
        Arrays.fill(sent, NONE);
    }

    void sent(int group, int partition, long offset) {
        int place = place(group, partition);
        sent[place] = Math.max(sent[place], offset);
    }

    void acknowledged(int group, int partition, long offset) {
        int place = place(group, partition);
        acknowledged[place] = Math.max(acknowledged[place], offset);
        acknowledgements++;
    }

    void refused() {
        refusals++;
    }

    /** The highest, -1: none. */
    long acknowledged(int group, int partition) {
        return acknowledged[place(group, partition)];
    }

    boolean isEveryPartitionAcknowledged() {
        return Arrays.stream(acknowledged).noneMatch(offset -> offset == NONE);
    }

    long acknowledgements() {
        return acknowledgements;
    }

    long refusals() {
        return refusals;
    }

    /**
     * What was sent and never acknowledged may be there or not.
     *
     * @param atLeast what was acknowledged when it was asked for
     * @throws IllegalStateException when it is less than what was acknowledged, or what nobody has sent
     */
    void check(int group, int partition, long atLeast, long told) {
        long most = sent[place(group, partition)];
        if (told < atLeast || told > most) {
            throw new IllegalStateException(String.format(
                    "%s: group %d, partition %d: acknowledged up to %d, sent up to %d, the broker tells %d",
                    told < atLeast ? "a committed offset is lost" : "an offset that nobody committed",
                    group,
                    partition,
                    atLeast,
                    most,
                    told));
        }
    }

    private int place(int group, int partition) {
        return group * partitions + partition;
    }
}
