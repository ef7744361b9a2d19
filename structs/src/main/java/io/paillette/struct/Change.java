package io.paillette.struct;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.jspecify.annotations.Nullable;

/** A record to be, before it is known which position it stands for. A tombstone has neither value nor value schema. */
public record Change(
        String topic,
        @Nullable Schema keySchema,
        @Nullable Object key,
        @Nullable Schema valueSchema,
        @Nullable Object value,
        ConnectHeaders headers) {}
