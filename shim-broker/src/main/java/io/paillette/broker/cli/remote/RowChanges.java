package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Counts the changes of a row until the one that is wanted. */
final class RowChanges {

    private final Place.Row wanted;
    private long count;
    private @Nullable Change last;

    /** The last of them said that the row is gone; the tombstone that may follow says the same. */
    private boolean gone;

    record Change(TopicPartition partition, long offset, long timestamp) {}

    RowChanges(Place.Row wanted) {
        this.wanted = wanted;
    }

    /** Whether it was the one. */
    boolean take(ConsumerRecord<byte[], byte[]> record) {
        if (!wanted.key().matches(record.key())) {
            return false;
        }
        boolean tombstoneOfDelete = record.value() == null && gone;
        gone = record.value() == null || isDelete(RecordJson.object(record.value()));
        if (tombstoneOfDelete) {
            gone = false;
            return false;
        }
        count++;
        last = new Change(new TopicPartition(record.topic(), record.partition()), record.offset(), record.timestamp());
        return count == wanted.number();
    }

    /** @throws RefusedException when there is none with that number */
    Change change() throws RefusedException {
        Change found = last;
        if (found == null || (wanted.number() > 0 && count != wanted.number())) {
            throw new RefusedException("there are " + count + " changes of the row "
                    + wanted.key().columns() + " in the records that are kept, so none with that number");
        }
        return found;
    }

    private static boolean isDelete(@Nullable JsonNode value) {
        return value != null && value.path("op").asText().equals("d");
    }
}
