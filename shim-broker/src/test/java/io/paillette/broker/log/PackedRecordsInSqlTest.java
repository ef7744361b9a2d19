package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;
import static io.paillette.broker.log.RunningLogs.bytes;
import static io.paillette.broker.log.RunningLogs.records;
import static io.paillette.broker.log.SqlRecords.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.log.SqlRecords.Row;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

class PackedRecordsInSqlTest {

    private static final Map<String, String> LARGE = Map.of("max.message.bytes", "20000000");

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong());
    private final Random random = new Random(seed);

    @Test
    void whatSqlCannotUnpackIsOneRowThatSaysSoAndTheRestIsShown() {
        try (RunningLogs running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            var record = new SimpleRecord(1_000, bytes("k"), bytes("v"));
            for (Compression codec : List.of(
                    Compression.gzip().build(),
                    Compression.lz4().build(),
                    Compression.zstd().build(),
                    Compression.snappy().build())) {
                await(log.append(MemoryRecords.withRecords(codec, record, record, record)));
            }
            await(log.append(records("plain")));

            assertThat(database.query("select string_agg(concat_ws(' ', \"offset\", compression, value, note), '|')"
                            + " from paillette.records_text('orders', 0, 1)"))
                    .isEqualTo("1 gzip offsets 1 to 2: gzip cannot be unpacked in SQL; read them with a Kafka consumer"
                            + "|3 lz4 v|4 lz4 v|5 lz4 v"
                            + "|6 zstd offsets 6 to 8: zstd cannot be unpacked in SQL; read them with a Kafka consumer"
                            + "|9 snappy v|10 snappy v|11 snappy v|12 none plain");
            assertThat(read(database, "orders", 0, 2)).extracting(Row::offset).containsExactly(0L, 3L);
        }
    }

    /** Kafka's own reader says what is right. */
    @Test
    void whateverProducersWriteIsAnsweredAsAConsumerReadsIt() {
        System.out.println("PackedRecordsInSqlTest seed " + seed);
        try (RunningLogs running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders", LARGE);
            var expected = new ArrayList<Row>();
            for (int batch = 0; batch < 40; batch++) {
                MemoryRecords records = batch(random.nextInt(10) == 0 ? 200_000 : 3_000);
                long base = await(log.append(records)).baseOffset();
                await(log.read(base, 1, true)).records().records().forEach(record -> expected.add(Row.of(record)));
                if (random.nextInt(10) == 0) {
                    running.store.logs().segments().roll(1);
                }
            }
            int end = expected.size();
            int start = random.nextInt(end / 2);
            await(log.deleteBefore(start));

            assertThat(read(database, "orders", 0, null)).as("seed %d", seed).isEqualTo(expected.subList(start, end));
            for (int i = 0; i < 20; i++) {
                int from = random.nextInt(end);
                int limit = random.nextInt(60);
                int first = Math.max(from, start);
                assertThat(read(database, "orders", from, limit))
                        .as("from %d, limit %d, seed %d", from, limit, seed)
                        .isEqualTo(expected.subList(first, Math.min(end, first + limit)));
            }
        }
    }

    private MemoryRecords batch(int largest) {
        var records = new SimpleRecord[1 + random.nextInt(20)];
        for (int i = 0; i < records.length; i++) {
            var headers = new Header[random.nextInt(3)];
            for (int h = 0; h < headers.length; h++) {
                headers[h] = new RecordHeader(
                        "h" + random.nextInt(2), random.nextInt(4) == 0 ? null : words(random.nextInt(20)));
            }
            long timestamp = 1_700_000_000_000L + random.nextInt(1_000_000) - 500_000;
            records[i] = new SimpleRecord(timestamp, field(30), field(largest), headers);
        }
        return switch (random.nextInt(5)) {
            case 0 -> MemoryRecords.withRecords(Compression.NONE, records);
            case 1 -> MemoryRecords.withRecords(Compression.snappy().build(), records);
            case 2 -> inOneSnappyBlock(MemoryRecords.withRecords(Compression.NONE, records));
            default ->
                MemoryRecords.withRecords(
                        Compression.lz4().level(1 + random.nextInt(17)).build(), records);
        };
    }

    private byte @Nullable [] field(int largest) {
        return switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> noise(random.nextInt(largest));
            case 2 -> run(random.nextInt(largest));
            default -> words(random.nextInt(largest));
        };
    }

    /** Nothing that repeats. */
    private byte[] noise(int size) {
        byte[] some = new byte[size];
        random.nextBytes(some);
        return some;
    }

    /** A pattern of a few bytes, over and over: matches that overlap themselves. */
    private byte[] run(int size) {
        byte[] some = new byte[size];
        int period = 1 + random.nextInt(7);
        for (int i = 0; i < size; i++) {
            some[i] = (byte) ('a' + i % period);
        }
        return some;
    }

    private byte[] words(int size) {
        var text = new StringBuilder();
        while (text.length() < size) {
            text.append("paillette ".substring(random.nextInt(10))).append(random.nextInt(100));
        }
        return bytes(text.substring(0, size));
    }

    /** As librdkafka writes it: no framing, one block for all. */
    private static MemoryRecords inOneSnappyBlock(MemoryRecords plain) {
        try {
            byte[] batch = new byte[plain.sizeInBytes()];
            plain.buffer().duplicate().get(batch);
            int header = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
            byte[] packed = Snappy.compress(Arrays.copyOfRange(batch, header, batch.length));
            ByteBuffer whole = ByteBuffer.allocate(header + packed.length);
            whole.put(batch, 0, header).put(packed);
            whole.putInt(8, whole.capacity() - 12);
            whole.put(22, (byte) 2);
            whole.putInt(DefaultRecordBatch.CRC_OFFSET, (int) Crc32C.compute(whole.array(), 21, whole.capacity() - 21));
            return MemoryRecords.readableRecords(whole.rewind());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void framesOfEveryKindAndSizeAreUnpacked() throws Exception {
        System.out.println("PackedRecordsInSqlTest seed " + seed);
        migrate();
        try (Connection connection = database.connect()) {
            for (int size : new int[] {0, 1, 14, 15, 16, 64, 255, 270, 65_535, 65_536, 65_537, 200_000}) {
                for (byte[] plain : List.of(noise(size), run(size), words(size))) {
                    for (BLOCKSIZE blocks : BLOCKSIZE.values()) {
                        check(connection, "lz4", frame(blocks, plain), plain);
                    }
                    var framed = new ByteArrayOutputStream();
                    write(new SnappyOutputStream(framed, 1 << (10 + random.nextInt(10))), plain);
                    check(connection, "snappy", framed.toByteArray(), plain);
                    check(connection, "snappy", Snappy.compress(plain), plain);
                }
            }
            byte[] large = words(3_000_000);
            check(connection, "lz4", frame(BLOCKSIZE.SIZE_4MB, large), large);
            check(connection, "snappy", Snappy.compress(large), large);
        }
    }

    @Test
    void bytesThatAreWrongAreADataExceptionOrOtherBytesAndNothingElse() throws Exception {
        System.out.println("PackedRecordsInSqlTest seed " + seed);
        migrate();
        byte[] plain = words(3_000);
        byte[] framed = frame(BLOCKSIZE.SIZE_64KB, plain);
        byte[] block = Snappy.compress(plain);
        int refused = 0;
        try (Connection connection = database.connect()) {
            for (int i = 0; i < 400; i++) {
                boolean lz4 = i % 2 == 0;
                byte[] broken = lz4 ? framed.clone() : block.clone();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
                }
                if (i % 5 == 0) {
                    broken = Arrays.copyOf(broken, random.nextInt(broken.length));
                }
                try {
                    unpack(connection, lz4 ? "lz4" : "snappy", broken);
                } catch (SQLException e) {
                    assertThat(e.getSQLState())
                            .as("%s, seed %d", e.getMessage(), seed)
                            .startsWith("22");
                    refused++;
                }
            }
        }
        assertThat(refused).as("refused, seed %d", seed).isGreaterThan(50);
    }

    @Test
    void aBatchThatUnpacksToTooMuchIsRefused() throws Exception {
        migrate();
        byte[] zeros = new byte[(64 << 20) + 1];
        try (Connection connection = database.connect()) {
            for (BLOCKSIZE blocks : List.of(BLOCKSIZE.SIZE_64KB, BLOCKSIZE.SIZE_4MB)) {
                refuses(connection, "lz4", frame(blocks, zeros));
            }
            refuses(connection, "snappy", Snappy.compress(zeros));
        }
    }

    private void refuses(Connection connection, String codec, byte[] packed) {
        assertThatThrownBy(() -> unpack(connection, codec, packed))
                .hasMessageContaining("it unpacks to more than 64 MiB")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22000");
    }

    private void migrate() {
        Store.open(StoreSettings.of(database.url())).close();
    }

    private byte[] frame(BLOCKSIZE blocks, byte[] plain) throws IOException {
        var frame = new ByteArrayOutputStream();
        Bits[] bits = random.nextBoolean()
                ? new Bits[] {Bits.BLOCK_INDEPENDENCE}
                : new Bits[] {Bits.BLOCK_INDEPENDENCE, Bits.BLOCK_CHECKSUM, Bits.CONTENT_CHECKSUM};
        write(new LZ4FrameOutputStream(frame, blocks, bits), plain);
        return frame.toByteArray();
    }

    private static void write(OutputStream into, byte[] plain) throws IOException {
        try (into) {
            into.write(plain);
        }
    }

    private void check(Connection connection, String codec, byte[] packed, byte[] plain) throws SQLException {
        boolean same = Arrays.equals(unpack(connection, codec, packed), plain);
        assertThat(same)
                .as("%d bytes of %s, seed %d", plain.length, codec, seed)
                .isTrue();
    }

    private static byte[] unpack(Connection connection, String codec, byte[] packed) throws SQLException {
        try (var statement = connection.prepareStatement("select paillette.unpack_records(?, ?)")) {
            statement.setBytes(1, packed);
            statement.setString(2, codec);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getBytes(1);
            }
        }
    }
}
