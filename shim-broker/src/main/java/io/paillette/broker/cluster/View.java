package io.paillette.broker.cluster;

import java.util.List;
import java.util.Optional;

/** The brokers as they were at the last heartbeat. */
record View(List<Member> members, Placement placement, long topicsRevision) {

    static final View NOTHING_YET = new View(List.of(), new Placement(List.of()), -1);

    View {
        members = List.copyOf(members);
    }

    static View of(List<Member> members, long topicsRevision) {
        return new View(members, new Placement(members), topicsRevision);
    }

    Optional<Member> member(int id) {
        return members.stream().filter(member -> member.id() == id).findFirst();
    }

    boolean isServedByAnotherThan(int id) {
        return members.stream().anyMatch(member -> member.id() != id && member.isServing());
    }
}
