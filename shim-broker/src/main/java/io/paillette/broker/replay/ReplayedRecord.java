package io.paillette.broker.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * A record as it is published once more: as it was, with headers that say where it was behind its own.
 *
 * @param partitionId the store's, of the target
 * @param bytes       that it takes at most, in a batch of its own
 */
public record ReplayedRecord(long partitionId, long bytes, StoredRecord record) {

    static final String TOPIC = "paillette.replay.topic";
    static final String PARTITION = "paillette.replay.partition";
    static final String OFFSET = "paillette.replay.offset";

    /** No client of Kafka gets more than 100 MiB into one request (socket.request.max.bytes). */
    private static final long MOST_BYTES = 100 << 20;

    private static final long BATCH_HEADER_BYTES = 61;
    private static final long RECORD_BYTES = 26;
    private static final long HEADER_BYTES = 10;

    /** Milliseconds that Postgres keeps to the last digit; until the year 2255. */
    private static final long LATEST = 9_000_000_000_000L;

    static ReplayedRecord of(StoredRecord stored, Share share) {
        List<Header> headers = new ArrayList<>(stored.headers());
        share.target().headers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(header -> headers.add(header(header.getKey(), header.getValue())));
        headers.add(header(TOPIC, Optional.of(share.partition().topic())));
        headers.add(
                header(PARTITION, Optional.of(Integer.toString(share.partition().partition()))));
        headers.add(header(OFFSET, Optional.of(Long.toString(stored.offset()))));
        long bytes = BATCH_HEADER_BYTES + RECORD_BYTES + stored.bytes();
        for (Header header : headers) {
            bytes += HEADER_BYTES
                    + header.key().getBytes(UTF_8).length
                    + (header.value() == null ? 0 : header.value().length);
        }
        List<Long> targets = share.target().partitionIds();
        return new ReplayedRecord(
                targets.get(partition(stored.key(), share, targets.size())),
                bytes,
                new StoredRecord(
                        stored.offset(), stored.timestamp(), stored.key(), stored.value(), List.copyOf(headers)));
    }

    /** The same number where there are as many: whatever chose it, order stays. Otherwise as Kafka's producer does it by the key. */
    private static int partition(byte @Nullable [] key, Share share, int targets) {
        int same = share.partition().partition();
        return targets == share.partitions() || key == null
                ? same % targets
                : Utils.toPositive(Utils.murmur2(key)) % targets;
    }

    private static Header header(String name, Optional<String> value) {
        return new RecordHeader(name, value.map(text -> text.getBytes(UTF_8)).orElse(null));
    }

    /** Why the target, or the store on the way there, cannot take it. */
    Optional<String> refusal(Share.Target target) {
        long most = Math.min(target.maxBytes(), MOST_BYTES);
        if (bytes > most) {
            return Optional.of("the record takes up to " + bytes + " bytes, topic " + target.topic() + " takes " + most
                    + ": raise its max.message.bytes (at most 100 MiB) and resume");
        }
        if (target.compacted() && record.key() == null) {
            return Optional.of("the record has no key, and topic " + target.topic()
                    + " is compacted; replay to another topic, or with a condition that leaves it out");
        }
        if (record.timestamp() < -1 || record.timestamp() > LATEST) {
            return Optional.of("the record's timestamp, " + record.timestamp()
                    + " ms, is none that the store keeps (until the year 2255); begin behind it");
        }
        if (record.headers().stream().anyMatch(header -> header.key().indexOf('\0') >= 0)) {
            return Optional.of("a header of the record has a NUL character in its name, which the store does not keep;"
                    + " begin behind it");
        }
        return Optional.empty();
    }
}
