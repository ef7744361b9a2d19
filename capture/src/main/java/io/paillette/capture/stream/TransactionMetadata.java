package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.envelope.ChangeRecords;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells begin and end of transactions and each record's place in its own, where that is asked for. Comes last, when it is
 * known what is delivered: what was before a restart counts too, and is left out here. Only of a table that is read once more
 * since a change of the same transaction, a restart inside it does not know the changes before.
 */
final class TransactionMetadata {

    private final RecordCounts counts;
    private final Position resume;
    private Lsn current = Lsn.NONE;

    /** @param resume what is not beyond it was delivered before */
    TransactionMetadata(boolean asked, Position resume) {
        this.counts = new RecordCounts(asked);
        this.resume = resume;
    }

    boolean asked() {
        return counts.asked();
    }

    List<CaptureEvent> told(List<CaptureEvent> events) {
        if (!counts.asked()) {
            return events;
        }
        var told = new ArrayList<CaptureEvent>(events.size() + 1);
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.OfTransaction of
                    && !event.transactionLsn().equals(Lsn.NONE)) {
                begin(of, told);
            }
            CaptureEvent placed = placed(event);
            if (!isDelivered(event)) {
                told.add(placed);
            }
        }
        return told;
    }

    private void begin(CaptureEvent.OfTransaction event, List<CaptureEvent> told) {
        Lsn commit = event.transactionLsn();
        if (commit.equals(current)) {
            return;
        }
        current = commit;
        counts.begin();
        // Of a transaction whose changes were all withheld after all only the commit is left.
        if (!current.equals(resume.commit()) && !(event instanceof CaptureEvent.Commit)) {
            told.add(
                    new CaptureEvent.Begin(event.transaction(), event.position().inside(current, 0)));
        }
    }

    private CaptureEvent placed(CaptureEvent event) {
        if (event instanceof CaptureEvent.Row row && !row.kind().isRead()) {
            return row.placed(counts.next(row.relation().name(), records(row)));
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            return truncate.placed(truncate.relations().stream()
                    .flatMap(relation -> counts.next(relation.name(), 1).stream())
                    .toList());
        } else if (event instanceof CaptureEvent.LogicalMessage message && message.transactional()) {
            return message.placed(counts.next(CollectionCount.MESSAGES, 1));
        } else if (event instanceof CaptureEvent.Commit commit) {
            return new CaptureEvent.Commit(commit.transaction(), counts.all(), commit.position());
        }
        return event;
    }

    private static int records(CaptureEvent.Row row) {
        boolean changesKey =
                ChangeRecords.changesKey(row.kind(), row.relation(), row.before(), row.beforeIsKeyOnly(), row.after());
        return changesKey ? 2 : 1;
    }

    private boolean isDelivered(CaptureEvent event) {
        return !event.transactionLsn().equals(Lsn.NONE)
                && !(event instanceof CaptureEvent.Commit)
                && event.position().commit().equals(resume.commit())
                && event.position().ordinal() <= resume.ordinal();
    }
}
