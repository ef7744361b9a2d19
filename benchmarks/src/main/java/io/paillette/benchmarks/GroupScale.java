package io.paillette.benchmarks;

import java.time.Duration;

/**
 * How much there is of everything.
 *
 * @param members    of each group
 * @param partitions of the topic that all groups read
 * @param heartbeat  of a classic member; KIP-848 members are told theirs by the broker
 */
record GroupScale(int groups, int members, int partitions, Duration heartbeat) {

    static final String TOPIC = "of-all-groups";

    int allMembers() {
        return groups * members;
    }

    boolean isFairShare(int owned) {
        return owned >= partitions / members && owned <= (partitions + members - 1) / members;
    }
}
