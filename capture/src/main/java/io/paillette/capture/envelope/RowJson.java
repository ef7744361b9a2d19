package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.type.ValueHandling;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the row alone, and a tombstone for one that is gone: what is left of each key when the topic is compacted is the
 * table. Values are plain JSON ({@link ValueHandling#PLAIN} says as what by default).
 *
 * <p>A truncate cannot be told by rows, as nobody knows here which there were: it is refused, and nothing goes on before
 * somebody has decided. So is a table without a key ({@link Envelope#refusal}).
 */
public final class RowJson implements ValueJson {

    private static final byte[] ENRICHMENT = ascii("\"enrichment\":");

    private final TablesJson tables;
    private final JsonBytes out = new JsonBytes();

    public RowJson(ValueHandling handling) {
        this.tables = new TablesJson(new JsonForms.Plain(handling));
    }

    @Override
    public Envelope envelope() {
        return Envelope.ROW;
    }

    @Override
    public byte @Nullable [] key(ChangeRecord change) {
        return tables.key(change);
    }

    @Override
    public byte @Nullable [] value(ChangeRecord change) {
        Envelope.ROW.requireForm(change);
        if (change.after() == null) {
            return null;
        }
        out.clear();
        tables.of(change.relation()).row(out, Objects.requireNonNull(change.after()));
        if (change.joined() != null) {
            out.goOn(ENRICHMENT).raw(change.joined().bytes()).raw('}');
        }
        return out.toBytes();
    }

    @Override
    public byte[] link(ChangeRecord change, KeyLink link) {
        return tables.link(change, link);
    }
}
