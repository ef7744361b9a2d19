package io.paillette.capture.envelope;

import io.paillette.capture.Relation;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** What was prepared for the latest shape of each table. For one thread. */
final class ByRelation<T> {

    private final Function<Relation, T> prepare;
    private final Map<Integer, Prepared<T>> known = new HashMap<>();

    private record Prepared<T>(Relation relation, T value) {}

    ByRelation(Function<Relation, T> prepare) {
        this.prepare = prepare;
    }

    @SuppressWarnings(
            "ReferenceEquality") // a new shape is a new instance, and comparing columns for each row would cost
    T of(Relation relation) {
        Prepared<T> prepared = known.get(relation.oid());
        if (prepared == null || prepared.relation() != relation) {
            prepared = new Prepared<>(relation, prepare.apply(relation));
            known.put(relation.oid(), prepared);
        }
        return prepared.value();
    }
}
