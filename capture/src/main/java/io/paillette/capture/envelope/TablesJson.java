package io.paillette.capture.envelope;

import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import org.jspecify.annotations.Nullable;

/** Writes keys and rows of any table; the same in every envelope. For one thread. */
final class TablesJson {

    private final ByRelation<RelationJson> tables;
    private final JsonBytes out = new JsonBytes();

    TablesJson(JsonForms forms) {
        this.tables = new ByRelation<>(relation -> new RelationJson(relation, forms));
    }

    RelationJson of(Relation relation) {
        return tables.of(relation);
    }

    byte @Nullable [] key(ChangeRecord change) {
        Tuple key = change.key();
        return key == null ? null : bytes(change.relation(), key);
    }

    byte[] link(ChangeRecord change, KeyLink link) {
        return bytes(change.relation(), link.key());
    }

    private byte[] bytes(Relation relation, Tuple key) {
        out.clear();
        of(relation).key(out, key);
        return out.toBytes();
    }
}
