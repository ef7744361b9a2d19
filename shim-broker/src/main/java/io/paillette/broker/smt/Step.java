package io.paillette.broker.smt;

import io.paillette.broker.smt.ChainException.Stage;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One transformation of a chain, and for which records it is.
 *
 * @param option of the sequence, {@code transforms.a}
 */
record Step(String option, Plugin<Transformation<SourceRecord>> transformation, Optional<Only> only) {

    /** Those that a predicate holds for, or does not. */
    record Only(Plugin<Predicate<SourceRecord>> predicate, boolean negated) {

        boolean includes(SourceRecord record) {
            return predicate.call(it -> it.test(record)) != negated;
        }
    }

    /** Null: it is dropped. */
    @Nullable
    SourceRecord apply(SourceRecord record) throws ChainException {
        String asked = only.map(one -> one.predicate().className()).orElse(transformation.className());
        try {
            if (only.isPresent() && !only.get().includes(record)) {
                return record;
            }
            asked = transformation.className();
            return transformation.<@Nullable SourceRecord>call(it -> it.apply(record));
        } catch (RuntimeException | LinkageError e) { // a class that the broker has otherwise than the plugin expects
            throw ChainException.failed(option, Stage.TRANSFORMATION, asked, e);
        }
    }
}
