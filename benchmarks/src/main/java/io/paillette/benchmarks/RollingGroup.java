package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Restarts the members of one group, the next when the group is stable with the one before. */
final class RollingGroup {

    private final GroupSet set;
    private final int number;
    private final CommittedOffsets offsets;
    private final MemberGroup group;
    private final List<RollingMember> members = new ArrayList<>();
    private final List<Long> restarts = new ArrayList<>();
    private boolean restarting;
    private long began;

    RollingGroup(GroupSet set, int number, CommittedOffsets offsets) {
        this.set = set;
        this.number = number;
        this.offsets = offsets;
        this.group = set.groups().get(number);
    }

    void join() {
        for (int place = 0; place < group.size(); place++) {
            members.add(joined(group.member(place)));
        }
    }

    private RollingMember joined(Member member) {
        var rolling = new RollingMember(member, number, offsets);
        member.membership().join(rolling);
        return rolling;
    }

    /**
     * Looks whether it can go on.
     *
     * @return true when every member is a new one and the group is stable
     */
    boolean advance() {
        if (restarting && group.isStable()) {
            restarts.add(System.nanoTime() - began);
            restarting = false;
        }
        if (!restarting && !isRolled()) {
            restart(restarts.size());
        }
        return isRolled();
    }

    boolean isRolled() {
        return restarts.size() == group.size();
    }

    private void restart(int place) {
        restarting = true;
        began = System.nanoTime();
        // A new process has a new connection and a new member id.
        Member fresh = set.newMember(group.name());
        members.get(place).leave(() -> members.set(place, joined(fresh)));
        group.replace(place, fresh);
    }

    /** Nanoseconds of each. */
    List<Long> restarts() {
        return restarts;
    }

    /** @param left once for each member */
    void leave(Runnable left) {
        members.forEach(member -> member.leave(left));
    }
}
