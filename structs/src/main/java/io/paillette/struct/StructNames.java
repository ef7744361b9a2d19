package io.paillette.struct;

import io.paillette.capture.TableName;
import java.util.function.Function;

/**
 * What schemas and fields are called.
 *
 * @param topics of tables; a schema's name begins with that of its table's topic
 */
public record StructNames(Function<TableName, String> topics, NameAdjustment schemas, NameAdjustment fields) {

    String topicOf(TableName table) {
        return topics.apply(table);
    }

    String schema(String name) {
        return schemas.schema(name);
    }

    String field(String column) {
        return fields.field(column);
    }
}
