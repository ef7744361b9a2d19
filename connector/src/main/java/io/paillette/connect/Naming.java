package io.paillette.connect;

import io.paillette.capture.TableName;

/**
 * What topics, schemas and fields are called.
 *
 * @param prefix of the topics
 */
record Naming(String prefix, NameAdjustment schemas, NameAdjustment fields) {

    String topicOf(TableName table) {
        return TopicNames.topicOf(prefix, table);
    }

    String schema(String name) {
        return schemas.schema(name);
    }

    String field(String column) {
        return fields.field(column);
    }
}
