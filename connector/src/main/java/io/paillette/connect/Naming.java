package io.paillette.connect;

import io.paillette.capture.TableName;

/** What topics, schemas and fields are called. */
record Naming(TopicNames topics, NameAdjustment schemas, NameAdjustment fields) {

    String topicOf(TableName table) {
        return topics.of(table);
    }

    String schema(String name) {
        return schemas.schema(name);
    }

    String field(String column) {
        return fields.field(column);
    }
}
