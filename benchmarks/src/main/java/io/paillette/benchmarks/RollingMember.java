package io.paillette.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A member that works as a consumer does: asks where to go on when it is given partitions, commits every now and then, and once
 * more before it gives partitions up, and waits for that answer.
 */
final class RollingMember implements Membership.Owner {

    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(500);

    private final Member member;
    private final int group;
    private final CommittedOffsets offsets;
    private final List<Runnable> afterCommit = new ArrayList<>();
    private Map<Integer, Long> positions = Map.of();
    private int term;
    private boolean committing;

    /** @param group its number */
    RollingMember(Member member, int group, CommittedOffsets offsets) {
        this.member = member;
        this.group = group;
        this.offsets = offsets;
    }

    @Override
    public void assigned() {
        term++;
        ask(term, List.copyOf(member.membership().partitions()));
    }

    private void ask(int asked, List<Integer> partitions) {
        if (asked != term || partitions.isEmpty()) {
            return;
        }
        var before = new HashMap<Integer, Long>();
        partitions.forEach(partition -> before.put(partition, offsets.acknowledged(group, partition)));
        member.committed(partitions, told -> told(asked, before, told));
    }

    private void told(int asked, Map<Integer, Long> acknowledged, Optional<Map<Integer, Long>> told) {
        if (asked != term) {
            return;
        }
        if (told.isEmpty()) {
            member.wire().after(Membership.RETRY, () -> ask(asked, List.copyOf(acknowledged.keySet())));
            return;
        }
        acknowledged.forEach((partition, offset) ->
                offsets.check(group, partition, offset, told.get().getOrDefault(partition, -1L)));
        positions = new HashMap<>(told.get());
        commitNow(asked);
    }

    private void commitNow(int asked) {
        if (asked == term) {
            if (!committing) {
                commit();
            }
            member.wire().after(COMMIT_INTERVAL, () -> commitNow(asked));
        }
    }

    private void commit() {
        if (positions.isEmpty()) {
            return;
        }
        // What was acknowledged meanwhile is passed, even when this was told an older one.
        positions.replaceAll((partition, offset) -> Math.max(offset, offsets.acknowledged(group, partition)) + 1);
        var sent = Map.copyOf(positions);
        sent.forEach((partition, offset) -> offsets.sent(group, partition, offset));
        committing = true;
        member.commit(sent, errors -> {
            committing = false;
            sent.forEach((partition, offset) -> settle(partition, offset, errors.get(partition)));
            var next = List.copyOf(afterCommit);
            afterCommit.clear();
            next.forEach(Runnable::run);
        });
    }

    private void settle(int partition, long offset, @Nullable Errors error) {
        if (error == Errors.NONE) {
            offsets.acknowledged(group, partition, offset);
        } else if (isOutdated(error)) {
            offsets.refused();
        } else {
            throw new IllegalStateException("a commit of group " + group + " was refused: " + error);
        }
    }

    /** The group has gone on: what a consumer expects while members come and go. */
    private static boolean isOutdated(@Nullable Errors error) {
        return error == Errors.REBALANCE_IN_PROGRESS
                || error == Errors.ILLEGAL_GENERATION
                || error == Errors.UNKNOWN_MEMBER_ID
                || error == Errors.STALE_MEMBER_EPOCH
                || error == Errors.FENCED_MEMBER_EPOCH;
    }

    @Override
    public void revoking(Runnable goOn) {
        stop(goOn);
    }

    /** Commits once more; nothing is under way when {@code stopped} runs. */
    void stop(Runnable stopped) {
        term++;
        if (committing) {
            afterCommit.add(() -> stop(stopped));
            return;
        }
        commit();
        positions = Map.of();
        if (committing) {
            afterCommit.add(stopped);
        } else {
            stopped.run();
        }
    }

    void leave(Runnable left) {
        stop(() -> member.leave(left));
    }
}
