package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where in the WAL a record of a sequence comes from. */
final class RecordLsn {

    private RecordLsn() {}

    /** Empty for a tombstone, and for what no sequence has written. */
    static OptionalLong of(ConsumerRecord<byte[], byte[]> record) {
        JsonNode value = RecordKey.json(record.value());
        JsonNode lsn = value == null ? null : value.path("source").path("lsn");
        return lsn != null && lsn.isIntegralNumber() ? OptionalLong.of(lsn.asLong()) : OptionalLong.empty();
    }
}
