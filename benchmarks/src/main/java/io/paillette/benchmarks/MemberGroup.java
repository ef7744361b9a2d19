package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The members of one group, as many as it is meant to have. */
final class MemberGroup {

    private final String name;
    private final GroupScale scale;
    private final List<Member> members;

    MemberGroup(String name, GroupScale scale, List<Member> members) {
        this.name = name;
        this.scale = scale;
        this.members = new ArrayList<>(members);
    }

    String name() {
        return name;
    }

    int size() {
        return members.size();
    }

    Member member(int number) {
        return members.get(number);
    }

    void replace(int number, Member member) {
        members.set(number, member);
    }

    /** Generation or member epoch of the first member. */
    int epoch() {
        return members.get(0).membership().epoch();
    }

    /** All members settled in one generation or epoch, every partition with one of them, each member with its share. */
    boolean isStable() {
        int epoch = epoch();
        var owned = new BitSet(scale.partitions());
        for (Member member : members) {
            Membership membership = member.membership();
            if (!membership.isSettled()
                    || membership.epoch() != epoch
                    || !scale.isFairShare(membership.partitions().size())) {
                return false;
            }
            membership.partitions().forEach(owned::set);
        }
        int sum = members.stream()
                .mapToInt(member -> member.membership().partitions().size())
                .sum();
        return owned.cardinality() == scale.partitions() && sum == scale.partitions();
    }

    @Override
    public String toString() {
        return name + ": " + members;
    }
}
