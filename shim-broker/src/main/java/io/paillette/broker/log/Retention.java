package io.paillette.broker.log;

import java.util.List;
import java.util.Optional;

/** What may go by time: ranges from the oldest on, as long as their largest timestamp is older than the retention (Kafka's rule for its segments). */
final class Retention {

    private Retention() {}

    /**
     * @param ranges      of one partition, in the order of their offsets
     * @param keepFrom    milliseconds; older records may go
     */
    static Verdict byTime(List<LogRange> ranges, long logStartOffset, long keepFrom) {
        long start = logStartOffset;
        for (LogRange range : ranges) {
            if (range.endOffset() <= start) {
                continue;
            }
            if (!range.measured()) {
                boolean worthMeasuring = !range.last() || range.endsBefore(keepFrom);
                return new Verdict(start, worthMeasuring ? Optional.of(range) : Optional.empty());
            }
            if (!range.endsBefore(keepFrom)) {
                break;
            }
            start = range.endOffset();
        }
        return new Verdict(start, Optional.empty());
    }

    /** @param unmeasured must be measured before more can be said */
    record Verdict(long logStartOffset, Optional<LogRange> unmeasured) {}
}
