package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes the {@code metadata} block of {@link ChangeJson}. For one thread. */
final class ChangeMetadataJson {

    private static final byte[] TABLE_SCHEMA = ascii("{\"table_schema\":");
    private static final byte[] TABLE_NAME = ascii(",\"table_name\":");
    private static final byte[] COMMIT_TIMESTAMP = ascii(",\"commit_timestamp\":");
    private static final byte[] COMMIT_LSN = ascii(",\"commit_lsn\":");
    private static final byte[] COMMIT_IDX = ascii(",\"commit_idx\":");
    private static final byte[] IDEMPOTENCY_KEY = ascii(",\"idempotency_key\":");
    private static final byte[] ANNOTATIONS = ascii(",\"transaction_annotations\":");
    private static final byte[] ENRICHMENT = ascii(",\"enrichment\":");
    private static final byte[] DATABASE_NAME = ascii(",\"database_name\":");
    private static final byte[] CONSUMER = ascii(",\"consumer\":{\"name\":");
    private static final byte[] DATABASE = ascii("},\"database\":{\"name\":");
    private static final byte[] DATABASE_DATABASE = ascii(",\"database\":");

    private final ChangeIds ids;
    private final ByRelation<Named> tables;
    private final JsonBytes untilLsn = new JsonBytes();
    private final JsonBytes afterKey = new JsonBytes();

    /** What these were prepared for. */
    private @Nullable TransactionInfo transaction;

    private @Nullable Named table;

    /** What is the same in every record of a table: its names, and what follows the key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared but by identity
    private record Named(byte[] table, byte[] source) {}

    ChangeMetadataJson(String name, String database, Function<TableName, String> sequences) {
        this.ids = new ChangeIds(name);
        this.tables = new ByRelation<>(relation -> named(relation, name, database, sequences));
    }

    void write(JsonBytes out, ChangeRecord change) {
        Named of = tables.of(change.relation());
        if (!isPrepared(change.transaction(), of)) {
            prepare(change.transaction(), of);
        }
        out.raw(untilLsn).number(ChangeIds.commitLsn(change).value());
        out.raw(COMMIT_IDX).number(change.ordinal()).raw(IDEMPOTENCY_KEY);
        byte[] id = ids.of(change);
        if (id == null) {
            out.nil();
        } else {
            out.base64(id);
        }
        if (change.joined() != null) {
            out.raw(ENRICHMENT).raw(change.joined().bytes());
        }
        out.raw(afterKey);
    }

    @SuppressWarnings(
            "ReferenceEquality") // The rows of a transaction share it; comparing it would cost more than it saves.
    private boolean isPrepared(TransactionInfo of, Named named) {
        return of == transaction && named == table;
    }

    private void prepare(TransactionInfo of, Named named) {
        transaction = of;
        table = named;
        untilLsn.clear();
        untilLsn.raw(named.table()).string(ChangeIds.timestamp(of.committed())).raw(COMMIT_LSN);
        afterKey.clear();
        afterKey.raw(ANNOTATIONS);
        if (of.annotations().isPresent()) {
            afterKey.raw(of.annotations().get().getBytes(StandardCharsets.UTF_8));
        } else {
            afterKey.nil();
        }
        afterKey.raw(named.source());
    }

    private static Named named(Relation relation, String name, String database, Function<TableName, String> sequences) {
        var table = new JsonBytes();
        table.raw(TABLE_SCHEMA).string(relation.name().schema());
        table.raw(TABLE_NAME).string(relation.name().table()).raw(COMMIT_TIMESTAMP);
        var source = new JsonBytes();
        source.raw(DATABASE_NAME).string(name);
        source.raw(CONSUMER).string(sequences.apply(relation.name()));
        source.raw(DATABASE).string(name).raw(DATABASE_DATABASE).string(database);
        return new Named(table.toBytes(), source.raw('}').raw('}').toBytes());
    }
}
