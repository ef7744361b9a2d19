package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Single-row commits at a steady pace from several connections, and a consumer in the same JVM, so that one clock measures
 * from COMMIT to record. Commits of the warm-up are not measured.
 */
final class LatencyRun {

    /** @param rate commits a second, all connections together */
    record Plan(int rate, int connections, int warmUpSeconds, int seconds) {

        int commits() {
            return rate * (warmUpSeconds + seconds);
        }

        int firstMeasured() {
            return rate * warmUpSeconds + 1;
        }
    }

    /**
     * @param sinceReturned  from the return of COMMIT to the return of the poll that brought the record
     * @param sinceSent      from just before COMMIT
     * @param commits        per second, as it came out
     * @param missing        committed, not received
     * @param doubled        received more than once
     */
    record Result(Quantiles sinceReturned, Quantiles sinceSent, double commits, int missing, int doubled) {}

    private static final Duration STRAGGLERS = Duration.ofSeconds(30);

    private final Plan plan;
    private final Database database;
    private final String write;
    private final AtomicLongArray sent;
    private final AtomicLongArray returned;
    private final AtomicLongArray received;
    private final AtomicIntegerArray times;
    private final AtomicInteger distinct = new AtomicInteger();

    /** @param write the statement of each transaction; its parameter is the key */
    LatencyRun(Plan plan, Database database, String write) {
        this.plan = plan;
        this.database = database;
        this.write = write;
        // By key; keys begin at 1.
        this.sent = new AtomicLongArray(plan.commits() + 1);
        this.returned = new AtomicLongArray(plan.commits() + 1);
        this.received = new AtomicLongArray(plan.commits() + 1);
        this.times = new AtomicIntegerArray(plan.commits() + 1);
    }

    /** @param consumer assigned and at the end of the topic */
    Result run(KafkaConsumer<byte[], byte[]> consumer) {
        ExecutorService threads = Executors.newFixedThreadPool(plan.connections() + 1);
        try {
            long start = System.nanoTime() + Duration.ofMillis(200).toNanos();
            List<Future<?>> writers = new ArrayList<>();
            for (int connection = 0; connection < plan.connections(); connection++) {
                int number = connection;
                writers.add(threads.submit(() -> {
                    write(number, start);
                    return number;
                }));
            }
            var reader = threads.submit(() -> read(consumer));
            join(writers);
            long end = System.nanoTime();
            awaitStragglers(reader);
            return result(plan.commits() / ((end - start) / (double) TimeUnit.SECONDS.toNanos(1)));
        } finally {
            threads.shutdownNow();
        }
    }

    private void write(int number, long start) throws SQLException {
        long period = TimeUnit.SECONDS.toNanos(1) / plan.rate();
        try (var connection = database.connect();
                var statement = connection.prepareStatement(write)) {
            connection.setAutoCommit(false);
            for (int key = number + 1; key <= plan.commits(); key += plan.connections()) {
                sleepUntil(start + (key - 1) * period);
                statement.setLong(1, key);
                statement.execute();
                sent.set(key, System.nanoTime());
                connection.commit();
                returned.set(key, System.nanoTime());
            }
        }
    }

    private static void sleepUntil(long moment) {
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private int read(KafkaConsumer<byte[], byte[]> consumer) {
        while (!Thread.currentThread().isInterrupted() && distinct.get() < plan.commits()) {
            var polled = consumer.poll(Duration.ofMillis(100));
            long now = System.nanoTime();
            int fresh = 0;
            for (var record : polled) {
                int key = (int) Rows.id(record.key());
                if (times.getAndIncrement(key) == 0) {
                    received.set(key, now);
                    fresh++;
                }
            }
            distinct.addAndGet(fresh);
        }
        return distinct.get();
    }

    private static void join(List<Future<?>> writers) {
        for (var writer : writers) {
            try {
                writer.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a writer failed", e);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private static void awaitStragglers(Future<Integer> reader) {
        try {
            var unused = reader.get(STRAGGLERS.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            Say.note("not everything arrived within " + STRAGGLERS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the reader failed", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }

    private Result result(double commits) {
        int[] arrived = IntStream.rangeClosed(plan.firstMeasured(), plan.commits())
                .filter(key -> received.get(key) != 0)
                .toArray();
        return new Result(
                new Quantiles(IntStream.of(arrived)
                        .mapToLong(key -> received.get(key) - returned.get(key))
                        .toArray()),
                new Quantiles(IntStream.of(arrived)
                        .mapToLong(key -> received.get(key) - sent.get(key))
                        .toArray()),
                commits,
                plan.commits() - distinct.get(),
                (int) IntStream.rangeClosed(1, plan.commits())
                        .filter(key -> times.get(key) > 1)
                        .count());
    }
}
