package io.paillette.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Every member is restarted, one after the other in each group, all groups at the same time, while all of them commit. What was
 * acknowledged must be told to whoever takes a partition over, at the end, and after a restart of the broker.
 */
final class RollRun {

    /**
     * @param seconds  of the whole roll
     * @param restarts from leaving until the group is stable with the new member
     * @param commits  acknowledged, of one partition each
     * @param refused  of members that did not know yet that their group had gone on
     * @param checked  partitions of all groups
     */
    record Result(double seconds, Quantiles restarts, int restarted, long commits, long refused, int checked) {}

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Broker broker;
    private final GroupScale scale;
    private final GroupProtocol protocol;
    private final String prefix;
    private final CommittedOffsets offsets;

    RollRun(Broker broker, GroupScale scale, GroupProtocol protocol) {
        this.broker = broker;
        this.scale = scale;
        this.protocol = protocol;
        this.prefix = "roll-" + protocol;
        this.offsets = new CommittedOffsets(scale.groups(), scale.partitions());
    }

    /**
     * Restarts the broker at the end.
     *
     * @throws IllegalStateException when an acknowledged offset is lost
     */
    Result run() {
        Result result;
        try (var set = new GroupSet(broker, scale, protocol, prefix)) {
            result = roll(set);
            checkAll(set.wire());
        }
        Say.note(broker.title() + ": restarting, to see the offsets once more");
        broker.stop();
        broker.start();
        try (var wire = new Wire(broker.bootstrap())) {
            checkAll(wire);
        }
        return result;
    }

    private Result roll(GroupSet set) {
        var groups = IntStream.range(0, scale.groups())
                .mapToObj(number -> new RollingGroup(set, number, offsets))
                .toList();
        groups.forEach(RollingGroup::join);
        set.wire()
                .until(
                        () -> offsets.isEveryPartitionAcknowledged()
                                && set.groups().stream().allMatch(MemberGroup::isStable),
                        LIMIT,
                        () -> "not every group is stable and every partition committed");
        long start = System.nanoTime();
        // Not allMatch: every group goes on, whether or not another has ended.
        set.wire()
                .until(
                        () -> groups.stream().filter(RollingGroup::advance).count() == scale.groups(),
                        LIMIT.multipliedBy(scale.members()),
                        () -> groups.stream().filter(RollingGroup::isRolled).count() + " of " + scale.groups()
                                + " groups have restarted all members");
        double seconds = (System.nanoTime() - start) / 1e9;
        stop(set, groups);
        long[] restarts = groups.stream()
                .flatMapToLong(group -> group.restarts().stream().mapToLong(nanos -> nanos))
                .toArray();
        return new Result(
                seconds,
                new Quantiles(restarts),
                restarts.length,
                offsets.acknowledgements(),
                offsets.refusals(),
                scale.groups() * scale.partitions());
    }

    private void stop(GroupSet set, List<RollingGroup> groups) {
        var left = new AtomicInteger();
        groups.forEach(group -> group.leave(left::incrementAndGet));
        set.wire()
                .until(
                        () -> left.get() == scale.allMembers(),
                        LIMIT,
                        () -> left + " of " + scale.allMembers() + " members have left");
    }

    private void checkAll(Wire wire) {
        var link = wire.connect();
        var all = IntStream.range(0, scale.partitions()).boxed().toList();
        var checked = new ArrayList<Integer>();
        for (int group = 0; group < scale.groups(); group++) {
            check(wire, link, group, all, checked);
        }
        wire.until(
                () -> checked.size() == scale.groups(),
                LIMIT,
                () -> "committed offsets of " + checked.size() + " of " + scale.groups() + " groups were told");
    }

    private void check(Wire wire, Link link, int group, List<Integer> partitions, List<Integer> checked) {
        Member.committed(link, prefix + "-" + group, partitions, told -> {
            if (told.isEmpty()) {
                wire.after(Membership.RETRY, () -> check(wire, link, group, partitions, checked));
                return;
            }
            partitions.forEach(partition -> offsets.check(
                    group,
                    partition,
                    offsets.acknowledged(group, partition),
                    told.get().getOrDefault(partition, -1L)));
            checked.add(group);
        });
    }
}
