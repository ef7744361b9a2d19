package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.TableName;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.ValueHandling;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes a change as Sequin's messages do: {@code record}, {@code changes}, {@code action}, {@code metadata}. Values are plain
 * JSON ({@link ValueHandling#PLAIN} says as what by default). Source: Sequin's documentation, "Messages".
 *
 * <p>Differs where Sequin loses: a truncate is told, with the action {@code truncate} and no record; a changed key is a delete
 * and an insert, so that who reads only the old key's partition hears of it; what the WAL does not have of a deleted row is
 * left out and not null; an idempotency key is never that of another record.
 */
public final class ChangeJson implements ValueJson {

    private static final byte[] RECORD = ascii("{\"record\":");
    private static final byte[] CHANGES = ascii(",\"changes\":");
    private static final byte[] NONE = ascii("{}");

    private final TablesJson tables;
    private final ChangeMetadataJson metadata;
    private final Map<Op, byte[]> actions = new EnumMap<>(Op.class);
    private final JsonBytes out = new JsonBytes();

    /**
     * @param name      of the source, for {@code metadata.database.name}
     * @param database  name of the captured database
     * @param sequences what a table's changes go to, for {@code metadata.consumer.name}
     */
    public ChangeJson(String name, String database, Function<TableName, String> sequences, ValueHandling handling) {
        this.tables = new TablesJson(new JsonForms.Plain(handling));
        this.metadata = new ChangeMetadataJson(name, database, sequences);
        for (Op op : Op.values()) {
            actions.put(op, ascii(",\"action\":\"" + op.action() + "\",\"metadata\":"));
        }
    }

    @Override
    public Envelope envelope() {
        return Envelope.CHANGE;
    }

    @Override
    public byte @Nullable [] key(ChangeRecord change) {
        return tables.key(change);
    }

    @Override
    public byte @Nullable [] value(ChangeRecord change) {
        if (change.op() == Op.TOMBSTONE) {
            return null;
        }
        out.clear();
        out.raw(RECORD);
        record(change);
        out.raw(CHANGES);
        changes(change);
        out.raw(Objects.requireNonNull(actions.get(change.op())));
        metadata.write(out, change);
        return out.raw('}').toBytes();
    }

    @Override
    public byte[] link(ChangeRecord change, KeyLink link) {
        return tables.link(change, link);
    }

    private void record(ChangeRecord change) {
        RelationJson table = tables.of(change.relation());
        Tuple row = change.after() == null ? change.before() : change.after();
        if (row == null) {
            out.nil();
        } else if (change.after() == null && change.beforeIsKeyOnly()) {
            table.known(out, row);
        } else {
            table.row(out, row);
        }
    }

    /** Where the WAL does not have the old row nothing is known to have changed: an empty object, as Sequin has it. */
    private void changes(ChangeRecord change) {
        Tuple before = change.before();
        if (change.op() != Op.UPDATE) {
            out.nil();
        } else if (before == null) {
            out.raw(NONE);
        } else {
            tables.of(change.relation()).changed(out, change, before);
        }
    }
}
