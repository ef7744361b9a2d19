package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where in the WAL a record of a sequence comes from. */
final class RecordLsn {

    private RecordLsn() {}

    /** Empty for a tombstone, and for what no sequence has written. */
    static OptionalLong of(ConsumerRecord<byte[], byte[]> record) {
        JsonNode value = RecordJson.object(record.value());
        if (value == null) {
            return OptionalLong.empty();
        }
        JsonNode debezium = value.path("source").path("lsn");
        JsonNode number = debezium.isMissingNode() ? value.path("metadata").path("commit_lsn") : debezium;
        if (number.isIntegralNumber()) {
            return OptionalLong.of(number.asLong());
        }
        Matcher text = Place.LSN.matcher(value.path("lsn").asText());
        boolean isWal2Json = value.path("action").asText().length() == 1 && value.has("schema");
        return isWal2Json && text.matches() ? OptionalLong.of(Place.lsn(text)) : OptionalLong.empty();
    }
}
