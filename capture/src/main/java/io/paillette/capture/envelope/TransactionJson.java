package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.CaptureEvent.Begin;
import io.paillette.capture.CaptureEvent.Commit;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.EventOrder;
import io.paillette.capture.TransactionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records that tell of a transaction's begin and end, as Debezium's connectors do with JsonConverter and {@code
 * schemas.enable=false}. Source: Debezium 3.7, {@code AbstractTransactionStructMaker}.
 *
 * <p>Differs in the id: {@code <xid>:<commit LSN>} in every record of a transaction, where Debezium's second part is the LSN of
 * the record. For one thread.
 */
public final class TransactionJson {

    private static final byte[] NONE = ascii(",\"transaction\":null");
    private static final byte[] BLOCK = ascii(",\"transaction\":{\"id\":");
    private static final byte[] TOTAL_ORDER = ascii(",\"total_order\":");
    private static final byte[] COLLECTION_ORDER = ascii(",\"data_collection_order\":");
    private static final byte[] ID = ascii("{\"id\":");
    private static final byte[] BEGIN = ascii("{\"status\":\"BEGIN\",\"id\":");
    private static final byte[] END = ascii("{\"status\":\"END\",\"id\":");
    private static final byte[] NO_COUNTS = ascii(",\"event_count\":null,\"data_collections\":null");
    private static final byte[] EVENT_COUNT = ascii(",\"event_count\":");
    private static final byte[] COLLECTIONS = ascii(",\"data_collections\":[");
    private static final byte[] COLLECTION = ascii("{\"data_collection\":");
    private static final byte[] TS_MS = ascii(",\"ts_ms\":");

    private final JsonBytes out = new JsonBytes();

    /** {@code {"id":"571:53195832"}}. */
    public byte[] key(TransactionInfo transaction) {
        out.clear();
        return out.raw(ID).string(transaction.id()).raw('}').toBytes();
    }

    public byte[] begin(Begin begin) {
        out.clear();
        out.raw(BEGIN).string(begin.transaction().id()).raw(NO_COUNTS);
        return timestamp(begin.transaction());
    }

    public byte[] end(Commit commit) {
        out.clear();
        out.raw(END).string(commit.transaction().id());
        out.raw(EVENT_COUNT).number(commit.events()).raw(COLLECTIONS);
        boolean first = true;
        for (CollectionCount count : commit.counts()) {
            if (!first) {
                out.raw(',');
            }
            first = false;
            out.raw(COLLECTION).string(count.collection());
            out.raw(EVENT_COUNT).number(count.events()).raw('}');
        }
        out.raw(']');
        return timestamp(commit.transaction());
    }

    private byte[] timestamp(TransactionInfo transaction) {
        return out.raw(TS_MS)
                .number(transaction.committed().toEpochMilli())
                .raw('}')
                .toBytes();
    }

    /** The field {@code transaction} of a record, with the comma before it; null where nobody asks for an order. */
    static void block(JsonBytes out, TransactionInfo transaction, @Nullable EventOrder order) {
        if (order == null) {
            out.raw(NONE);
        } else {
            out.raw(BLOCK).string(transaction.id());
            out.raw(TOTAL_ORDER).number(order.total());
            out.raw(COLLECTION_ORDER).number(order.inCollection()).raw('}');
        }
    }
}
