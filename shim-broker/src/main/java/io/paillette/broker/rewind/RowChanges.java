package io.paillette.broker.rewind;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import org.jspecify.annotations.Nullable;

/** Counts the changes of a row until the one that is wanted. */
final class RowChanges {

    private final Place.Row wanted;
    private long count;
    private @Nullable TopicRecord last;

    /** The last of them was a delete as Debezium has it: the tombstone that follows says the same. Others are changes themselves. */
    private boolean deleted;

    RowChanges(Place.Row wanted) {
        this.wanted = wanted;
    }

    /** Whether it was the one. */
    boolean take(TopicRecord record) {
        if (!wanted.key().matches(record.key())) {
            return false;
        }
        boolean tombstoneOfDelete = record.value() == null && deleted;
        deleted = isDelete(RecordObject.of(record.value()));
        if (tombstoneOfDelete) {
            return false;
        }
        count++;
        last = record;
        return count == wanted.number();
    }

    /** @throws RefusedException when there is none with that number */
    TopicRecord change() throws RefusedException {
        TopicRecord found = last;
        if (found == null || (wanted.number() != Place.LAST && count != wanted.number())) {
            throw new RefusedException(
                    Why.UNKNOWN,
                    (count == 1 ? "there is 1 change" : "there are " + count + " changes") + " of the row "
                            + wanted.key().describe()
                            + " in the records that are kept, so none with that number");
        }
        return found;
    }

    private static boolean isDelete(@Nullable JsonNode value) {
        return value != null
                && value.has("source")
                && value.path("op").asText().equals("d"); // a row may have an op, too
    }
}
