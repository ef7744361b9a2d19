package io.paillette.struct;

import io.paillette.capture.EventOrder;
import io.paillette.capture.TransactionInfo;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The field {@code transaction} of a record of a change or a message (Debezium 3.7: {@code SchemaFactory}). */
public final class TransactionBlock {

    public static final Schema SCHEMA = SchemaBuilder.struct()
            .name("event.block")
            .version(1)
            .field("id", Schema.STRING_SCHEMA)
            .field("total_order", Schema.INT64_SCHEMA)
            .field("data_collection_order", Schema.INT64_SCHEMA)
            .optional()
            .build();

    private TransactionBlock() {}

    /** Null where nobody asks for the order. */
    public static @Nullable Struct of(TransactionInfo transaction, @Nullable EventOrder order) {
        return order == null
                ? null
                : new Struct(SCHEMA)
                        .put("id", transaction.id())
                        .put("total_order", order.total())
                        .put("data_collection_order", order.inCollection());
    }
}
