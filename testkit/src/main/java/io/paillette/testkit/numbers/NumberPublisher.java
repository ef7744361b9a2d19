package io.paillette.testkit.numbers;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes 0, 1, 2... to each partition of a topic by SQL, in transactions of some numbers each, some of which are taken back
 * and begun again. Each transaction notes in a table how far it got, so that an application whose connection is cut finds out what
 * became of its commit. One thread and connection for each partition.
 */
public final class NumberPublisher implements AutoCloseable {

    private static final String PUBLISH = "select paillette.produce(?, int8send(?), int8send(?), null, ?)";

    private final Database database;
    private final String topic;
    private final Duration pace;
    private final AtomicLongArray published;
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong cuts = new AtomicLong();
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
        database.execute(
                "create table published_numbers (partition int primary key, next bigint not null)",
                "insert into published_numbers select i, 0 from generate_series(0, " + (partitions - 1) + ") i");
        for (int partition = 0; partition < partitions; partition++) {
            int mine = partition;
            var random = new Random(seed + partition);
            publisher.threads.add(new Thread(() -> publisher.run(mine, random), "number-publisher-" + partition));
        }
        publisher.threads.forEach(Thread::start);
        return publisher;
    }

    private void run(int partition, Random random) {
        while (!stopping) {
            try (Connection app = database.connect()) {
                app.setAutoCommit(false);
                published.set(partition, committed(app, partition));
                while (!stopping) {
                    publishSome(app, partition, random);
                    LockSupport.parkNanos(pace.toNanos());
                }
            } catch (SQLException e) {
                cuts.incrementAndGet(); // what became of the commit is asked on the next connection
                LockSupport.parkNanos(pace.toNanos());
            }
        }
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            published.set(partition, committed(app, partition));
        } catch (SQLException e) {
            failures.add("partition " + partition + ": " + e);
        }
    }

    /** Waits for a transaction that is still about to end. */
    private static long committed(Connection app, int partition) throws SQLException {
        try (PreparedStatement ask =
                app.prepareStatement("select next from published_numbers where partition = ? for update")) {
            ask.setInt(1, partition);
            try (ResultSet row = ask.executeQuery()) {
                row.next();
                long next = row.getLong(1);
                app.commit();
                return next;
            }
        }
    }

    private void publishSome(Connection app, int partition, Random random) throws SQLException {
        long first = published.get(partition);
        long next = first + 1 + random.nextInt(5);
        try (PreparedStatement publish = app.prepareStatement(PUBLISH);
                PreparedStatement note =
                        app.prepareStatement("update published_numbers set next = ? where partition = ?")) {
            for (long number = first; number < next; number++) {
                publish.setString(1, topic);
                publish.setLong(2, number);
                publish.setLong(3, number);
                publish.setInt(4, partition);
                publish.execute();
            }
            note.setLong(1, next);
            note.setInt(2, partition);
            note.executeUpdate();
        }
        if (random.nextInt(4) == 0) {
            app.rollback();
        } else {
            app.commit();
            published.set(partition, next);
        }
    }

    /** How often a connection was cut. */
    public long cuts() {
        return cuts.get();
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
