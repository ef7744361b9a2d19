package io.paillette.testkit.numbers;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes 0, 1, 2... to each partition of a topic by SQL, in transactions of some numbers each, some of which are taken back
 * and begun again. One thread and connection for each partition.
 */
public final class NumberPublisher implements AutoCloseable {

    private final Database database;
    private final String topic;
    private final Duration pace;
    private final AtomicLongArray published;
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    private NumberPublisher(Database database, String topic, int partitions, Duration pace) {
        this.database = database;
        this.topic = topic;
        this.pace = pace;
        this.published = new AtomicLongArray(partitions);
    }

    /** @param pace from one transaction of a partition to the next */
    public static NumberPublisher start(Database database, String topic, int partitions, Duration pace, long seed) {
        var publisher = new NumberPublisher(database, topic, partitions, pace);
        for (int partition = 0; partition < partitions; partition++) {
            int mine = partition;
            var random = new Random(seed + partition);
            publisher.threads.add(new Thread(() -> publisher.run(mine, random), "number-publisher-" + partition));
        }
        publisher.threads.forEach(Thread::start);
        return publisher;
    }

    private void run(int partition, Random random) {
        try (Connection app = database.connect();
                PreparedStatement publish =
                        app.prepareStatement("select paillette.produce(?, int8send(?), int8send(?), null, ?)")) {
            app.setAutoCommit(false);
            while (!stopping) {
                long first = published.get(partition);
                long next = first + 1 + random.nextInt(5);
                for (long number = first; number < next; number++) {
                    publish.setString(1, topic);
                    publish.setLong(2, number);
                    publish.setLong(3, number);
                    publish.setInt(4, partition);
                    publish.execute();
                }
                if (random.nextInt(4) == 0) {
                    app.rollback();
                } else {
                    app.commit();
                    published.set(partition, next);
                }
                LockSupport.parkNanos(pace.toNanos());
            }
        } catch (SQLException e) {
            failures.add("partition " + partition + ": " + e);
        }
    }

    /** Committed, of one partition. */
    public long publishedIn(int partition) {
        return published.get(partition);
    }

    /** Publishes no more; answers what kept it from it. */
    public List<String> stop() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        var unused = stop();
    }
}
