package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class RecordBatchesTest {

    private static final TopicPartition ORDERS = new TopicPartition("app.public.orders", 0);
    private static final Header[] NO_HEADERS = {};

    @Test
    void recordsOfAPartitionComeOutInTheOrderTheyWentInAcrossBatches() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        var batches = new RecordBatches(every -> RecordBatches.PLAIN);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            String value = i + ":" + "x".repeat(random.nextInt(400));
            expected.add(value);
            batches.add(ORDERS, i, bytes("k" + i % 7), bytes(value), NO_HEADERS);
        }

        List<OwnRecords> drained = batches.drain();

        assertThat(drained).hasSizeGreaterThan(1);
        assertThat(values(drained)).isEqualTo(expected);
        assertThat(drained)
                .allSatisfy(a -> assertThat(a.records().sizeInBytes()).isLessThan(300 * 1024));
        assertThat(batches.isEmpty()).isTrue();
        assertThat(batches.bytes()).isZero();
    }

    @Test
    void aRecordLargerThanABatchIsKeptWholeInABatchOfItsOwn() {
        var batches = new RecordBatches(every -> RecordBatches.PLAIN);
        batches.add(ORDERS, 1, bytes("a"), bytes("small"), NO_HEADERS);
        batches.add(ORDERS, 2, bytes("b"), new byte[3 * 1024 * 1024], NO_HEADERS);
        batches.add(ORDERS, 3, bytes("c"), bytes("after"), NO_HEADERS);

        List<OwnRecords> drained = batches.drain();

        assertThat(drained).hasSize(3);
        assertThat(drained.get(1).records().records().iterator().next().valueSize())
                .isEqualTo(3 * 1024 * 1024);
    }

    @Test
    void aTombstoneAndAKeylessRowKeepTheirNulls() {
        var batches = new RecordBatches(every -> RecordBatches.PLAIN);
        batches.add(ORDERS, 1, bytes("a"), null, NO_HEADERS);
        batches.add(ORDERS, 2, null, bytes("v"), NO_HEADERS);

        List<Record> records = new ArrayList<>();
        batches.drain().forEach(append -> append.records().records().forEach(records::add));

        assertThat(records.get(0).hasValue()).isFalse();
        assertThat(records.get(1).hasKey()).isFalse();
    }

    @Test
    void beyondSoManyOpenBatchesOnlyAFullOneIsCompressed() {
        var lz4 = new RecordBatches.Shape(
                256 * 1024, Compression.of(CompressionType.LZ4).build());
        var batches = new RecordBatches(every -> lz4);
        IntStream.rangeClosed(1, 129)
                .forEach(i -> batches.add(new TopicPartition("t", i), i, null, bytes("small"), NO_HEADERS));
        batches.add(new TopicPartition("t", 130), 130, null, new byte[3 * 1024 * 1024], NO_HEADERS);
        batches.add(new TopicPartition("t", 130), 131, null, bytes("small"), NO_HEADERS);

        Map<Integer, List<String>> drained = batches.drain().stream()
                .collect(Collectors.groupingBy(
                        own -> own.partition().partition(),
                        Collectors.mapping(
                                own -> own.records().batches().iterator().next().compressionType() + " "
                                        + own.records().sizeInBytes() / (1024 * 1024),
                                Collectors.toList())));
        assertThat(drained.get(128)).containsExactly("lz4 0");
        assertThat(drained.get(129)).containsExactly("none 0");
        assertThat(drained.get(130)).containsExactly("lz4 0", "none 0");
    }

    private static List<String> values(List<OwnRecords> appends) {
        List<String> values = new ArrayList<>();
        for (OwnRecords append : appends) {
            append.records().records().forEach(r -> values.add(Utils.utf8(r.value())));
        }
        return values;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
