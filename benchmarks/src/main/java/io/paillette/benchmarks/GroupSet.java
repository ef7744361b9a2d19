package io.paillette.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Groups of their own, each member connected and its coordinator found; nobody has joined yet. Closing hangs up. */
final class GroupSet implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String STABLE = "Stable";

    private final Wire wire;
    private final Link asking;
    private final GroupScale scale;
    private final GroupProtocol protocol;
    private final List<MemberGroup> groups;

    /** @param prefix of the groups' names, which nobody has had before */
    GroupSet(Broker broker, GroupScale scale, GroupProtocol protocol, String prefix) {
        this.wire = new Wire(broker.bootstrap());
        this.scale = scale;
        this.protocol = protocol;
        this.asking = wire.connect();
        this.groups = IntStream.range(0, scale.groups())
                .mapToObj(number -> prefix + "-" + number)
                .map(name -> new MemberGroup(
                        name,
                        scale,
                        Stream.generate(() -> newMember(name))
                                .limit(scale.members())
                                .toList()))
                .toList();
        findCoordinators();
    }

    Member newMember(String group) {
        return new Member(new Seat(wire, wire.connect(), group, scale), protocol);
    }

    Wire wire() {
        return wire;
    }

    List<MemberGroup> groups() {
        return groups;
    }

    /** So that what is measured does not wait for the coordinators' own state to be made or loaded. */
    private void findCoordinators() {
        var missing = new AtomicInteger(scale.groups());
        askForCoordinators(missing);
        wire.until(() -> missing.get() == 0, LIMIT, () -> missing + " groups have no coordinator");
    }

    private void askForCoordinators(AtomicInteger missing) {
        asking.send(
                Call.FIND_COORDINATOR,
                new FindCoordinatorRequestData()
                        .setCoordinatorKeys(
                                groups.stream().map(MemberGroup::name).toList()),
                answer -> {
                    missing.set((int) answer.coordinators().stream()
                            .filter(GroupSet::isMissing)
                            .count());
                    if (missing.get() > 0) {
                        wire.after(Membership.RETRY, () -> askForCoordinators(missing));
                    }
                });
    }

    private static boolean isMissing(FindCoordinatorResponseData.Coordinator coordinator) {
        Errors error = Errors.forCode(coordinator.errorCode());
        if (error != Errors.NONE && !Membership.isPassing(error)) {
            throw new IllegalStateException("no coordinator of " + coordinator.key() + ": " + error);
        }
        return error != Errors.NONE;
    }

    /**
     * All at once, with nothing to do afterwards.
     *
     * @return seconds from the first request until every group is stable
     */
    double join() {
        long start = System.nanoTime();
        for (int number = 0; number < scale.members(); number++) {
            for (MemberGroup group : groups) {
                group.member(number).membership().join(Membership.Owner.IDLE);
            }
        }
        while (true) {
            awaitStable();
            double seconds = (System.nanoTime() - start) / 1e9;
            // A KIP-848 member knows its own epoch; only the broker knows whether that is the group's.
            var moving = protocol == GroupProtocol.CONSUMER ? described() : List.<String>of();
            if (moving.isEmpty()) {
                return seconds;
            }
            if (seconds > LIMIT.toSeconds()) {
                throw new IllegalStateException("every member has its share in one epoch, but after "
                        + LIMIT.toSeconds() + " s the broker has still more to tell to " + moving.size() + " groups, "
                        + moving.get(0));
            }
            pause();
        }
    }

    private void pause() {
        var over = new AtomicBoolean();
        wire.after(Membership.RETRY, () -> over.set(true));
        wire.until(over::get, LIMIT, () -> "a pause");
    }

    private void awaitStable() {
        wire.until(() -> groups.stream().allMatch(MemberGroup::isStable), LIMIT, () -> {
            var others = groups.stream().filter(group -> !group.isStable()).toList();
            return (groups.size() - others.size()) + " of " + groups.size() + " groups are stable, not "
                    + others.stream().findFirst().map(MemberGroup::toString).orElse("any of them together");
        });
    }

    /** The groups that the broker does not call stable. */
    private List<String> described() {
        var moving = new ArrayList<String>();
        var told = new AtomicInteger();
        asking.send(
                Call.CONSUMER_DESCRIBE,
                new ConsumerGroupDescribeRequestData()
                        .setGroupIds(groups.stream().map(MemberGroup::name).toList()),
                answer -> answer.groups().forEach(group -> {
                    told.incrementAndGet();
                    if (!isStable(group)) {
                        moving.add(group.groupId() + ": " + Errors.forCode(group.errorCode()) + ", "
                                + group.groupState() + ", epoch " + group.groupEpoch() + ", assigned at "
                                + group.assignmentEpoch());
                    }
                }));
        wire.until(() -> told.get() == groups.size(), LIMIT, () -> "ConsumerGroupDescribe was not answered");
        return moving;
    }

    private static boolean isStable(DescribedGroup group) {
        return group.errorCode() == Errors.NONE.code()
                && group.groupState().equals(STABLE)
                && group.groupEpoch() == group.assignmentEpoch();
    }

    /** Everybody, at once. */
    void leave() {
        var left = new AtomicInteger();
        for (MemberGroup group : groups) {
            for (int number = 0; number < scale.members(); number++) {
                group.member(number).leave(left::incrementAndGet);
            }
        }
        wire.until(
                () -> left.get() == scale.allMembers(),
                LIMIT,
                () -> left + " of " + scale.allMembers() + " members have left");
    }

    /** Generation or epoch that the groups have come to, on average. */
    double meanEpoch() {
        return groups.stream().mapToInt(MemberGroup::epoch).average().orElseThrow();
    }

    @Override
    public void close() {
        wire.close();
    }
}
