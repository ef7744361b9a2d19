package io.paillette.broker.replay;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * A step of a share waits in the inbox for the target's leader, more than one does not. Where nobody took one for long it is waited
 * for no longer, nor for others of the same target: they are looked at in passing, and all other replays go on. For one thread.
 */
final class InboxRoom implements ShareWork.Room {

    private final Predicate<Share> moved;
    /** Pauses; false where there is to be no more waiting. */
    private final Predicate<Duration> pauses;

    private final Duration longestWait;
    /** Whose steps nobody has taken, with their targets. */
    private final Map<Key, String> stuck = new HashMap<>();

    private record Key(long replay, TopicPartition partition) {

        static Key of(Share share) {
            return new Key(share.replay(), share.partition());
        }
    }

    InboxRoom(Predicate<Share> moved, Predicate<Duration> pauses, Duration longestWait) {
        this.moved = moved;
        this.pauses = pauses;
        this.longestWait = longestWait;
    }

    @Override
    public boolean isHoped(Share share) {
        return !isSlow(share) || isMoved(share);
    }

    @Override
    public boolean await(Share share) {
        if (isSlow(share)) {
            return isMoved(share);
        }
        long deadline = System.nanoTime() + longestWait.toNanos();
        for (Duration pause = Replays.FIRST_PAUSE; !isMoved(share); pause = Replays.longer(pause)) {
            if (System.nanoTime() - deadline >= 0) {
                stuck.put(Key.of(share), share.target().topic());
                return false;
            }
            if (!pauses.test(pause)) {
                return false;
            }
        }
        return true;
    }

    /** One that has ended, or is another broker's now, is not asked about any more. */
    void keep(Collection<Share> underWay) {
        stuck.keySet().retainAll(underWay.stream().map(Key::of).collect(Collectors.toSet()));
    }

    private boolean isSlow(Share share) {
        return stuck.containsValue(share.target().topic());
    }

    private boolean isMoved(Share share) {
        boolean isMoved = moved.test(share);
        if (isMoved) {
            stuck.remove(Key.of(share));
        }
        return isMoved;
    }
}
