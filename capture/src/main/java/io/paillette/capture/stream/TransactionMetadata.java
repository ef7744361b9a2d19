package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.ChangeRecords;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells begin and end of transactions and each record's place in its own, where that is asked for. Comes last, when it is
 * known what is delivered: what was before a restart counts too, and is left out here.
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
                begin(of.transaction(), told);
            }
            CaptureEvent placed = placed(event);
            if (!isDelivered(event)) {
                told.add(placed);
            }
        }
        return told;
    }

    private void begin(TransactionInfo transaction, List<CaptureEvent> told) {
        if (transaction.commit().equals(current)) {
            return;
        }
        current = transaction.commit();
        counts.begin();
        if (!current.equals(resume.commit())) {
            told.add(new CaptureEvent.Begin(transaction, transaction.start().inside(current, 0)));
        }
    }

    private CaptureEvent placed(CaptureEvent event) {
        if (event instanceof CaptureEvent.Row row && row.kind() != CaptureEvent.Kind.READ) {
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
