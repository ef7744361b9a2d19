package io.paillette.struct;

import io.paillette.capture.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/** Rows of which any column may be missing: one schema for the row there is and for parts of the row there was. */
final class OptionalRows {

    private final TableShape shape;
    private final int[] columns;
    private final Schema schema;

    /** @param of whose columns these are, whether they may be null or not */
    OptionalRows(TableShape of) {
        this.shape = of.withOptionalColumns();
        this.columns = shape.rowColumns();
        this.schema = shape.rowCalled("Row");
    }

    Schema schema() {
        return schema;
    }

    Struct whole(Tuple tuple) {
        return shape.struct(schema, tuple);
    }

    /** Some columns alone. */
    Struct part(Tuple tuple, IntPredicate which) {
        var struct = new Struct(schema);
        List<Field> fields = schema.fields();
        for (int i = 0; i < columns.length; i++) {
            if (which.test(columns[i])) {
                shape.put(struct, fields.get(i), columns[i], tuple);
            }
        }
        return struct;
    }

    /** None. */
    Struct none() {
        return new Struct(schema);
    }

    /** Their names, as the schema's fields are called. */
    List<String> names(IntPredicate which) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            if (which.test(columns[i])) {
                names.add(schema.fields().get(i).name());
            }
        }
        return names;
    }
}
