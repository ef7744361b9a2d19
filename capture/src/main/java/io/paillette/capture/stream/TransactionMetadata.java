package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.ChangeRecords;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
            TransactionInfo transaction = transactionOf(event);
            if (transaction != null) {
                begin(transaction, told);
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
            return placed(row);
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            return placed(truncate);
        } else if (event instanceof CaptureEvent.LogicalMessage message && message.transactional()) {
            return placed(message);
        } else if (event instanceof CaptureEvent.Commit commit) {
            return new CaptureEvent.Commit(commit.transaction(), counts.all(), commit.position());
        }
        return event;
    }

    private CaptureEvent.Row placed(CaptureEvent.Row row) {
        boolean two =
                ChangeRecords.changesKey(row.kind(), row.relation(), row.before(), row.beforeIsKeyOnly(), row.after());
        return new CaptureEvent.Row(
                row.kind(),
                row.relation(),
                row.before(),
                row.beforeIsKeyOnly(),
                row.after(),
                row.transaction(),
                row.lsn(),
                row.ordinal(),
                row.position(),
                counts.next(row.relation().name(), two ? 2 : 1));
    }

    private CaptureEvent.Truncate placed(CaptureEvent.Truncate truncate) {
        List<EventOrder> orders = new ArrayList<>();
        for (Relation relation : truncate.relations()) {
            orders.addAll(counts.next(relation.name(), 1));
        }
        return new CaptureEvent.Truncate(
                truncate.relations(),
                truncate.cascade(),
                truncate.restartIdentity(),
                truncate.transaction(),
                truncate.lsn(),
                truncate.ordinal(),
                truncate.position(),
                orders);
    }

    private CaptureEvent.LogicalMessage placed(CaptureEvent.LogicalMessage message) {
        return new CaptureEvent.LogicalMessage(
                true,
                message.prefix(),
                message.content(),
                message.transaction(),
                message.lsn(),
                message.ordinal(),
                message.position(),
                counts.next(CollectionCount.MESSAGES, 1));
    }

    private boolean isDelivered(CaptureEvent event) {
        return !event.transactionLsn().equals(Lsn.NONE)
                && !(event instanceof CaptureEvent.Commit)
                && event.position().commit().equals(resume.commit())
                && event.position().ordinal() <= resume.ordinal();
    }

    private static @Nullable TransactionInfo transactionOf(CaptureEvent event) {
        if (event.transactionLsn().equals(Lsn.NONE)) {
            return null;
        } else if (event instanceof CaptureEvent.Row row) {
            return row.transaction();
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            return truncate.transaction();
        } else if (event instanceof CaptureEvent.LogicalMessage message) {
            return message.transaction();
        } else if (event instanceof CaptureEvent.Commit commit) {
            return commit.transaction();
        }
        return null;
    }
}
