package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.CaptureEvent.Begin;
import io.paillette.capture.CaptureEvent.Commit;
import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.Lsn;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.ValueHandling;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes what wal2json writes with {@code format-version=2}, {@code include-xids}, {@code include-timestamp}, {@code
 * include-lsn} and its other defaults: {@code action}, {@code xid}, {@code timestamp}, {@code lsn}, {@code schema}, {@code
 * table}, {@code columns}, {@code identity}. A TOASTed value that a change left alone is left out, as there, unless the old row
 * has it. Source: wal2json's README and what it writes.
 *
 * <p>Differs where wal2json loses: NaN and the infinities are strings, not null. A row that is read is an {@code I} without an
 * xid; a changed key a {@code D} and an {@code I}, so that who reads only the old key's partition hears of it. The key of the
 * record is plain JSON, as {@link RowJson}'s.
 */
public final class Wal2Json implements ValueJson {

    private static final byte[] LSN = ascii(",\"lsn\":\"");
    private static final byte[] NEXT_LSN = ascii("\",\"nextlsn\":\"");
    private static final byte[] COLUMNS = ascii(",\"columns\":[");
    private static final byte[] IDENTITY = ascii(",\"identity\":[");
    private static final byte[] TRANSACTIONAL = ascii("\",\"transactional\":true,\"prefix\":");
    private static final byte[] NOT_TRANSACTIONAL = ascii("\",\"transactional\":false,\"prefix\":");
    private static final byte[] CONTENT = ascii(",\"content\":");

    private final TablesJson keys;
    private final ByRelation<Wal2JsonTable> tables = new ByRelation<>(Wal2JsonTable::new);
    private final Wal2JsonTransaction transaction = new Wal2JsonTransaction();
    private final Map<Op, byte[]> actions = new EnumMap<>(Op.class);
    private final JsonBytes out = new JsonBytes();

    /** @param handling of the records' keys alone: in values all is as Postgres has it */
    public Wal2Json(ValueHandling handling) {
        this.keys = new TablesJson(new JsonForms.Plain(handling));
        for (Op op : Op.values()) {
            actions.put(op, Wal2JsonTransaction.action(letter(op)));
        }
    }

    @Override
    public Envelope envelope() {
        return Envelope.WAL2JSON;
    }

    @Override
    public byte @Nullable [] key(ChangeRecord change) {
        return keys.key(change);
    }

    @Override
    public byte @Nullable [] value(ChangeRecord change) {
        if (change.op() == Op.TOMBSTONE) {
            return null;
        }
        Wal2JsonTable table = tables.of(change.relation());
        out.clear();
        out.raw(Objects.requireNonNull(actions.get(change.op())));
        transaction.write(out, change.transaction());
        out.raw(LSN).raw(text(change.lsn())).raw('"').raw(table.names);
        Tuple after = change.after();
        if (after != null) {
            out.raw(COLUMNS);
            table.row(out, after);
            out.raw(']');
        }
        if (change.op() == Op.UPDATE || change.op() == Op.DELETE) {
            identity(table, change);
        }
        return out.raw('}').toBytes();
    }

    @Override
    public byte[] link(ChangeRecord change, KeyLink link) {
        return keys.link(change, link);
    }

    /** {@code {"action":"B",...}}. */
    public byte[] begin(Begin begin) {
        out.clear();
        out.raw(Wal2JsonTransaction.action('B'));
        transaction.write(out, begin.transaction());
        out.raw(LSN).raw(text(begin.transaction().commit()));
        return out.raw('"').raw('}').toBytes();
    }

    /** {@code {"action":"C",...}}. */
    public byte[] commit(Commit commit) {
        out.clear();
        out.raw(Wal2JsonTransaction.action('C'));
        transaction.write(out, commit.transaction());
        out.raw(LSN).raw(text(commit.transaction().commit()));
        out.raw(NEXT_LSN).raw(text(commit.position().end()));
        return out.raw('"').raw('}').toBytes();
    }

    /** {@code {"action":"M",...}}; the content is taken for text, and what is none of UTF-8 replaced, as JSON has no bytes. */
    public byte[] message(LogicalMessage message) {
        out.clear();
        out.raw(Wal2JsonTransaction.action('M'));
        if (message.transactional()) {
            transaction.write(out, message.transaction());
        } else {
            out.raw(Wal2JsonTransaction.NONE);
        }
        out.raw(LSN).raw(text(message.lsn()));
        out.raw(message.transactional() ? TRANSACTIONAL : NOT_TRANSACTIONAL).string(message.prefix());
        out.raw(CONTENT).string(new String(message.content(), UTF_8));
        return out.raw('}').toBytes();
    }

    private void identity(Wal2JsonTable table, ChangeRecord change) {
        Tuple before = change.before();
        Tuple key = change.key();
        if (before != null) {
            out.raw(IDENTITY);
            table.old(out, before, change.beforeIsKeyOnly());
            out.raw(']');
        } else if (key != null) {
            out.raw(IDENTITY);
            table.key(out, key);
            out.raw(']');
        }
    }

    private static byte[] text(Lsn lsn) {
        return ascii(lsn.toString());
    }

    private static char letter(Op op) {
        return switch (op) {
            case READ, READ_AGAIN, CREATE -> 'I';
            case UPDATE -> 'U';
            case DELETE, TOMBSTONE -> 'D';
            case TRUNCATE -> 'T';
        };
    }
}
