package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.filter.Enriched;
import java.util.List;
import java.util.Optional;

/**
 * An event and the sequences that are told of it.
 *
 * @param to      of a row; none where no condition holds for it. Of any other event none, since nothing chooses among its
 *                sequences.
 * @param refused of a row: by those that cannot say whether they are told, or cannot tell its table
 */
record Addressed(CaptureEvent event, List<Destination> to, List<Refusal> refused) {

    Addressed {
        to = List.copyOf(to);
        refused = List.copyOf(refused);
    }

    /**
     * @param failure  why it cannot be told as it is defined, where that is no reason to stop
     * @param chosen   what is chosen for its records: one for all, or where its key changed one for those of the old key and one
     *                 for that of the new; none where nothing is
     * @param enriched what a query has found for its row, among others; empty where none is asked
     */
    record Destination(
            Route route,
            Verdict verdict,
            Optional<CaptureException> failure,
            List<Chosen> chosen,
            Optional<Enriched> enriched) {

        Destination {
            chosen = List.copyOf(chosen);
        }

        Destination(Route route, Verdict verdict) {
            this(route, verdict, Optional.empty(), List.of(), Optional.empty());
        }

        static Destination failed(Route route, CaptureException failure) {
            return new Destination(route, Verdict.FAILED, Optional.of(failure), List.of(), Optional.empty());
        }

        Destination with(Enriched found) {
            return new Destination(route, verdict, failure, chosen, Optional.of(found));
        }

        Destination with(List<Chosen> choices) {
            return new Destination(route, verdict, failure, choices, enriched);
        }

        Chosen chosen(Op op) {
            if (chosen.isEmpty()) {
                return Chosen.NOTHING;
            }
            return chosen.get(op == Op.CREATE ? chosen.size() - 1 : 0);
        }

        boolean isTold() {
            return verdict == Verdict.TOLD || verdict == Verdict.UNKNOWN;
        }
    }

    /** @param cause not transient */
    record Refusal(SequenceRule rule, CaptureException cause) {}

    /** Why a sequence is told. */
    enum Verdict {
        /** Its condition holds, or it has none. */
        TOLD,
        /** Nobody knows whether its condition holds. */
        UNKNOWN,
        /** It no longer holds for the row, which is to go from a topic of newest rows. */
        GONE,
        /** Its condition or its query fails for the row, which goes to its dead letter topic. */
        FAILED
    }
}
