package io.paillette.broker.group;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Members that were made to leave so that their group could be moved, and have not asked where to go on since. A consumer of KIP-848
 * notices that by itself and comes back under the same id, or commits without an epoch while nobody is in the group, and the
 * coordinator takes either: but what it commits before it has asked is of records that it read before. From any thread.
 */
public final class Fences {

    /** Who does not come back within it has lost what it was doing: Kafka's default of {@code max.poll.interval.ms}. */
    static final long LONGEST_MILLIS = 300_000;

    private static final int MOST = 10_000;

    private final LongSupplier clockMillis;
    private final LinkedHashMap<Member, Long> since = new LinkedHashMap<>();
    private volatile boolean any;

    private record Member(String group, String id) {}

    Fences(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    /** What it commits is refused, as if it were not in the group. */
    public boolean stops(String group, String memberId) {
        return any && isStopped(new Member(group, memberId));
    }

    private synchronized boolean isStopped(Member member) {
        Long begun = since.get(member);
        if (begun != null && clockMillis.getAsLong() - begun > LONGEST_MILLIS) {
            remove(member);
            return false;
        }
        return begun != null;
    }

    /** A member, as the coordinator has said, was told where it goes on. */
    public void pass(String group, String memberId) {
        if (any) {
            remove(new Member(group, memberId));
        }
    }

    private synchronized void remove(Member member) {
        since.remove(member);
        any = !since.isEmpty();
    }

    synchronized void raise(String group, Collection<String> memberIds) {
        long now = clockMillis.getAsLong();
        memberIds.forEach(id -> since.put(new Member(group, id), now));
        var eldest = since.entrySet().iterator();
        while (since.size() > MOST) {
            Map.Entry<Member, Long> unused = eldest.next();
            eldest.remove();
        }
        any = !since.isEmpty();
    }

    /** The group was not moved after all. */
    synchronized void lift(String group, Collection<String> memberIds) {
        memberIds.forEach(id -> since.remove(new Member(group, id)));
        any = !since.isEmpty();
    }
}
