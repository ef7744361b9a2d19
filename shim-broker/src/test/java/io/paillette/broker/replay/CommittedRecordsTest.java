package io.paillette.broker.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.log.LogSlice;
import io.paillette.broker.replay.CommittedRecords.Chunk;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class CommittedRecordsTest {

    private static final long MOST_BYTES = 4 << 20;

    @Test
    void headersCountAsKeysAndValuesDo() {
        assertPieces(new Header[] {new RecordHeader("stack", new byte[8 << 10])}, 2_000, 4);
    }

    @Test
    void headersWithoutValuesCountToo() {
        assertPieces(
                IntStream.range(0, 1_000)
                        .mapToObj(i -> new RecordHeader("h", null))
                        .toArray(Header[]::new),
                500,
                8);
    }

    private static void assertPieces(Header[] headers, int count, int pieces) {
        var stored = IntStream.range(0, count)
                .mapToObj(i -> new SimpleRecord(1L, (byte[]) null, null, headers))
                .toArray(SimpleRecord[]::new);
        MemoryRecords records = MemoryRecords.withRecords(Compression.gzip().build(), stored);
        assertThat(records.sizeInBytes()).isLessThan(1 << 20);
        int found = 0;
        int asked = 0;
        try (var committed = new CommittedRecords(new LogSlice(records, count, count, 0, List.of()), 0, count)) {
            for (Chunk chunk = committed.next(5_000, MOST_BYTES);
                    !chunk.records().isEmpty();
                    chunk = committed.next(5_000, MOST_BYTES)) {
                found += chunk.records().size();
                asked++;
                assertThat(chunk.next()).isEqualTo(found);
            }
        }
        assertThat(found).isEqualTo(count);
        assertThat(asked).isEqualTo(pieces);
    }
}
