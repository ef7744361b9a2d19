package io.paillette.broker.log;

import static io.paillette.broker.log.RunningLogs.await;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Prints what one partition takes and gives: run its main; not a test. */
final class LogBench {

    private static final int RECORD_BYTES = 250;
    private static final int RECORDS = 62; // about 16 KiB
    private static final long SECONDS = 8;

    private LogBench() {}

    public static void main(String[] args) throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        long written;
        try (var running = RunningLogs.on(database)) {
            for (int inFlight : new int[] {1, 5, 64, 5, 64}) {
                append(running.create("t" + System.nanoTime()), inFlight);
            }
            PartitionLog log = running.create("read");
            append(log, 64);
            written = log.highWatermark();
            long from = log.highWatermark() - 50_000L;
            read("warm", log, Math.max(0, from));
        }
        long opened = System.nanoTime();
        try (var running = RunningLogs.on(database)) {
            System.out.printf("reopened in %d ms%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - opened));
            read("cold", running.log("read", 0), 0);
            System.out.println(written + " records");
        }
        many(database);
    }

    private static void many(Database database) {
        database.execute(
                "insert into paillette.topic (id, name)"
                        + " select md5(i::text)::uuid, 'many' || i from generate_series(1, 1000) i",
                "insert into paillette.partition (topic_id, index)"
                        + " select t.id, i from paillette.topic t, generate_series(0, 9) i where t.name like 'many%'");
        long opened = System.nanoTime();
        try (var running = RunningLogs.on(database)) {
            System.out.printf(
                    "opened %d topics in %d ms%n",
                    running.topics.all().size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - opened));
        }
    }

    private static void append(PartitionLog log, int inFlight) throws InterruptedException {
        ByteBuffer template = batch().buffer();
        var permits = new Semaphore(inFlight);
        long[] latencies = new long[4_000_000];
        var count = new AtomicInteger();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end) {
            permits.acquire();
            byte[] copy = new byte[template.remaining()];
            template.duplicate().get(copy);
            long sent = System.nanoTime();
            var unused = log.append(MemoryRecords.readableRecords(ByteBuffer.wrap(copy)))
                    .whenComplete((result, error) -> {
                        latencies[count.getAndIncrement()] = System.nanoTime() - sent;
                        permits.release();
                        if (error != null) {
                            System.out.println(error);
                        }
                    });
        }
        permits.acquire(inFlight);
        double seconds = (System.nanoTime() - start) / 1e9;
        int n = count.get();
        long[] sorted = Arrays.copyOf(latencies, n);
        Arrays.sort(sorted);
        System.out.printf(
                "append %2d in flight: %6.0f batches/s %6.1f MB/s p50 %.2f ms p99 %.2f ms%n",
                inFlight,
                n / seconds,
                n * (double) template.remaining() / seconds / 1e6,
                sorted[n / 2] / 1e6,
                sorted[n * 99 / 100] / 1e6);
    }

    private static void read(String what, PartitionLog log, long from) {
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            long bytes = 0;
            long offset = from;
            while (offset < log.highWatermark() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)) {
                LogSlice slice = await(log.read(offset, 1 << 20, true));
                bytes += slice.records().sizeInBytes();
                for (RecordBatch batch : slice.records().batches()) {
                    offset = batch.nextOffset();
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("read %s: %.0f MB/s (%.1f MB)%n", what, bytes / seconds / 1e6, bytes / 1e6);
        }
    }

    private static MemoryRecords batch() {
        var random = new Random(1);
        var records = new SimpleRecord[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            byte[] value = new byte[RECORD_BYTES];
            random.nextBytes(value);
            records[i] = new SimpleRecord(System.currentTimeMillis(), null, value);
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }
}
