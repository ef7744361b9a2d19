package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Lsn;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.TransactionInfo.Origin;
import java.time.Instant;

/** Writes the {@code source} block: where a record comes from. Source: Debezium 3.7, {@code PostgresSourceInfoStructMaker}. */
final class SourceJson {

    private static final byte[] SEQUENCE = ascii(",\"sequence\":\"[");
    private static final byte[] SEQUENCE_NEXT = ascii(",\\\"");
    private static final byte[] SEQUENCE_QUOTE = ascii("\\\"");
    private static final byte[] SEQUENCE_END = ascii("\\\"]\",\"ts_us\":");
    private static final byte[] TS_NS = ascii(",\"ts_ns\":");
    private static final byte[] TX_ID = ascii(",\"txId\":");
    private static final byte[] LSN = ascii(",\"lsn\":");
    private static final byte[] ORIGIN = ascii(",\"xmin\":null,\"origin\":");
    private static final byte[] ORIGIN_LSN = ascii(",\"origin_lsn\":");
    private static final byte[] NO_ORIGIN = ascii(",\"xmin\":null,\"origin\":null,\"origin_lsn\":null}");

    private final byte[] start;
    private final byte[] snapshotAndDb;
    private final byte[] streamAndDb;

    SourceJson(String version, String name, String database) {
        start = new JsonBytes()
                .raw(ascii("{\"version\":"))
                .string(version)
                .raw(ascii(",\"connector\":\"postgresql\",\"name\":"))
                .string(name)
                .raw(ascii(",\"ts_ms\":"))
                .toBytes();
        snapshotAndDb = snapshotAndDb("true", database);
        streamAndDb = snapshotAndDb("false", database);
    }

    /** @param schemaAndTable both fields, each with the comma before it */
    void write(JsonBytes out, TransactionInfo transaction, Lsn lsn, boolean snapshot, byte[] schemaAndTable) {
        Instant committed = transaction.committed();
        out.raw(start).number(committed.toEpochMilli()).raw(snapshot ? snapshotAndDb : streamAndDb);
        out.raw(SEQUENCE);
        lastCommit(out, transaction.start().end());
        out.raw(SEQUENCE_NEXT).number(lsn.value()).raw(SEQUENCE_END);
        out.number(micros(committed)).raw(TS_NS).number(nanos(committed)).raw(schemaAndTable);
        out.raw(TX_ID);
        if (transaction.xid() == 0) {
            out.nil();
        } else {
            out.number(transaction.xid());
        }
        out.raw(LSN).number(lsn.value());
        if (transaction.origin().isEmpty()) {
            out.raw(NO_ORIGIN);
        } else {
            Origin origin = transaction.origin().get();
            out.raw(ORIGIN).string(origin.name());
            out.raw(ORIGIN_LSN).number(origin.commit().value()).raw('}');
        }
    }

    private static void lastCommit(JsonBytes out, Lsn end) {
        if (end.equals(Lsn.NONE)) {
            out.nil();
        } else {
            out.raw(SEQUENCE_QUOTE).number(end.value()).raw(SEQUENCE_QUOTE);
        }
    }

    static byte[] schemaAndTable(String schema, String table) {
        return new JsonBytes()
                .raw(ascii(",\"schema\":"))
                .string(schema)
                .raw(ascii(",\"table\":"))
                .string(table)
                .toBytes();
    }

    static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
    }

    static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }

    private static byte[] snapshotAndDb(String snapshot, String database) {
        return new JsonBytes()
                .raw(ascii(",\"snapshot\":\"" + snapshot + "\",\"db\":"))
                .string(database)
                .toBytes();
    }
}
