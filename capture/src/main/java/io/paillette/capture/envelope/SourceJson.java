package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Lsn;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.TransactionInfo.Origin;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the {@code source} block: where a record comes from. For one thread. Source: Debezium 3.7,
 * {@code PostgresSourceInfoStructMaker}.
 */
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
    private final Map<SnapshotMark, byte[]> snapshotAndDb = new EnumMap<>(SnapshotMark.class);

    private final JsonBytes untilLsn = new JsonBytes();
    private final JsonBytes betweenLsns = new JsonBytes();
    private final JsonBytes afterLsns = new JsonBytes();

    /** What these were prepared for. */
    private @Nullable TransactionInfo transaction;

    private byte @Nullable [] table;
    private SnapshotMark mark = SnapshotMark.STREAMED;

    SourceJson(String version, String name, String database) {
        start = new JsonBytes()
                .raw(ascii("{\"version\":"))
                .string(version)
                .raw(ascii(",\"connector\":\"postgresql\",\"name\":"))
                .string(name)
                .raw(ascii(",\"ts_ms\":"))
                .toBytes();
        for (SnapshotMark each : SnapshotMark.values()) {
            snapshotAndDb.put(each, snapshotAndDb(each.text(), database));
        }
    }

    /** @param schemaAndTable both fields, each with the comma before it; the same array for the same table */
    void write(JsonBytes out, TransactionInfo of, Lsn lsn, SnapshotMark snapshot, byte[] schemaAndTable) {
        if (!isPrepared(of, snapshot, schemaAndTable)) {
            prepare(of, snapshot, schemaAndTable);
        }
        out.raw(untilLsn)
                .number(lsn.value())
                .raw(betweenLsns)
                .number(lsn.value())
                .raw(afterLsns);
    }

    @SuppressWarnings(
            "ReferenceEquality") // The rows of a transaction share it; comparing it would cost more than it saves.
    private boolean isPrepared(TransactionInfo of, SnapshotMark snapshot, byte[] schemaAndTable) {
        return of == transaction && schemaAndTable == table && snapshot == mark;
    }

    /** What the rows of one table in one transaction have in common: all but their LSN. */
    private void prepare(TransactionInfo of, SnapshotMark snapshot, byte[] schemaAndTable) {
        transaction = of;
        table = schemaAndTable;
        mark = snapshot;
        Instant committed = of.committed();
        untilLsn.clear();
        untilLsn.raw(start).number(committed.toEpochMilli()).raw(Objects.requireNonNull(snapshotAndDb.get(snapshot)));
        untilLsn.raw(SEQUENCE);
        lastCommit(untilLsn, of.start().end());
        untilLsn.raw(SEQUENCE_NEXT);
        betweenLsns.clear();
        betweenLsns.raw(SEQUENCE_END).number(micros(committed)).raw(TS_NS).number(nanos(committed));
        betweenLsns.raw(schemaAndTable).raw(TX_ID);
        if (of.xid() == 0) {
            betweenLsns.nil();
        } else {
            betweenLsns.number(of.xid());
        }
        betweenLsns.raw(LSN);
        afterLsns.clear();
        if (of.origin().isEmpty()) {
            afterLsns.raw(NO_ORIGIN);
        } else {
            Origin origin = of.origin().get();
            afterLsns.raw(ORIGIN).string(origin.name());
            afterLsns.raw(ORIGIN_LSN).number(origin.commit().value()).raw('}');
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
