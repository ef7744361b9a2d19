package io.paillette.connect;

import io.paillette.capture.CaptureEvent.Begin;
import io.paillette.capture.CaptureEvent.Commit;
import io.paillette.capture.CollectionCount;
import io.paillette.capture.TransactionInfo;
import io.paillette.struct.Change;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;

/**
 * The records that tell of a transaction's begin and end, in topic {@code <prefix>.transaction} (Debezium 3.7: {@code
 * SchemaFactory}, {@code AbstractTransactionStructMaker}), and the block in the records between them. The id is the same in
 * all of them.
 */
final class TransactionStructs {

    private static final Schema KEY = SchemaBuilder.struct()
            .name("io.debezium.connector.common.TransactionMetadataKey")
            .version(1)
            .field("id", Schema.STRING_SCHEMA)
            .build();

    private static final Schema COLLECTION = SchemaBuilder.struct()
            .name("event.collection")
            .version(1)
            .field("data_collection", Schema.STRING_SCHEMA)
            .field("event_count", Schema.INT64_SCHEMA)
            .optional()
            .build();

    private static final Schema VALUE = SchemaBuilder.struct()
            .name("io.debezium.connector.common.TransactionMetadataValue")
            .version(1)
            .field("status", Schema.STRING_SCHEMA)
            .field("id", Schema.STRING_SCHEMA)
            .field("event_count", Schema.OPTIONAL_INT64_SCHEMA)
            .field(
                    "data_collections",
                    SchemaBuilder.array(COLLECTION).optional().build())
            .field("ts_ms", Schema.INT64_SCHEMA)
            .build();

    private final String topic;

    TransactionStructs(TopicNames topics) {
        this.topic = topics.ofTransactions();
    }

    Change of(Begin begin) {
        return change(begin.transaction(), value("BEGIN", begin.transaction()));
    }

    Change of(Commit commit) {
        Struct value = value("END", commit.transaction())
                .put("event_count", commit.events())
                .put("data_collections", collections(commit.counts()));
        return change(commit.transaction(), value);
    }

    private static Struct value(String status, TransactionInfo transaction) {
        return new Struct(VALUE)
                .put("status", status)
                .put("id", transaction.id())
                .put("ts_ms", transaction.committed().toEpochMilli());
    }

    private static List<Struct> collections(List<CollectionCount> counts) {
        return counts.stream()
                .map(count -> new Struct(COLLECTION)
                        .put("data_collection", count.collection())
                        .put("event_count", count.events()))
                .toList();
    }

    private Change change(TransactionInfo transaction, Struct value) {
        Struct key = new Struct(KEY).put("id", transaction.id());
        return new Change(topic, KEY, key, VALUE, value, new ConnectHeaders());
    }
}
