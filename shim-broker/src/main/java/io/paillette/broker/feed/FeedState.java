package io.paillette.broker.feed;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.ReadingState;
import io.paillette.capture.SlotState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a source's feed stands, for people and health checks.
 *
 * <pre>
 *   STARTING -> RUNNING -> RETRYING -> STARTING ...     a fault that passes: server restarting, connection lost
 *                       -> FAILED                       a person must act; the sequences stay readable
 *   any -> STOPPED                                      the broker stops, or hands the source over
 *   STANDBY                                             another broker feeds it
 * </pre>
 *
 * @param reason   one sentence when RETRYING or FAILED, else empty
 * @param position last stored position as text, without keys of rows; empty before the first
 * @param records  appended since its source was started last
 * @param lagBytes WAL of the source that is not done with; empty when it is not read, or not known yet
 * @param slot     what the slot of the source holds back; empty as above
 * @param reading  how far the rows are read that were there before; empty while the source is not read
 * @param backfills that are asked for, with how far they are; none while the source is not read
 * @param stopped sequences that are behind the source
 */
public record FeedState(
        String source,
        Phase phase,
        String reason,
        String position,
        long records,
        OptionalLong lagBytes,
        Optional<SlotState> slot,
        Optional<ReadingState> reading,
        List<BackfillProgress> backfills,
        List<StoppedSequence> stopped) {

    public FeedState {
        backfills = List.copyOf(backfills);
        stopped = List.copyOf(stopped);
    }

    /** A step of a feed's life. */
    public enum Phase {
        STARTING,
        RUNNING,
        RETRYING,
        FAILED,
        STOPPED,
        STANDBY
    }

    /** Of a source that nobody can feed as its sequences are defined. */
    static FeedState refused(String source, String reason) {
        return new FeedState(
                source,
                Phase.FAILED,
                reason,
                "",
                0,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
    }

    /** Of a source that another broker feeds. */
    static FeedState standby(String source) {
        return new FeedState(
                source,
                Phase.STANDBY,
                "",
                "",
                0,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
    }
}
