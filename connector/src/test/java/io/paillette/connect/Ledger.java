package io.paillette.connect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What writers committed, key by key, and what was read of it. Each key belongs to one writer, so the order of its
 * changes is known.
 */
final class Ledger {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEYS = 40;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Database database;
    private final List<String> tables;

    /** Changes by "table/key": "c 1", "u 2", "d", "tombstone". */
    private final Map<String, List<String>> committed = new ConcurrentHashMap<>();

    private volatile boolean stopped;
    private final AtomicReference<SQLException> failure = new AtomicReference<>();

    Ledger(Database database, List<String> tables) {
        this.database = database;
        this.tables = tables;
        for (String table : tables) {
            database.execute("create table " + table + " (id int primary key, version int not null, filler text)");
        }
    }

    /** Runs small transactions, some tens in a second, until {@link #stop}. */
    Thread writer(int number, long seed) {
        var thread = new Thread(() -> write(number, new Random(seed + number)), "writer-" + number);
        thread.start();
        return thread;
    }

    void stop() {
        stopped = true;
    }

    private void write(int number, Random random) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            while (!stopped) {
                Map<String, List<String>> transaction = new ConcurrentHashMap<>();
                int count = 1 + random.nextInt(8);
                for (int i = 0; i < count; i++) {
                    change(connection, number * KEYS + random.nextInt(KEYS), random, transaction);
                }
                connection.commit();
                transaction.forEach((key, told) -> committed.merge(key, told, Ledger::joined));
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void change(Connection connection, int id, Random random, Map<String, List<String>> transaction)
            throws SQLException {
        String table = tables.get(random.nextInt(tables.size()));
        String key = table + "/" + id;
        List<String> told = new ArrayList<>();
        try (var statement = connection.createStatement()) {
            if (random.nextInt(5) == 0) {
                if (statement.executeUpdate("delete from " + table + " where id = " + id) == 1) {
                    told.add("d");
                    told.add("tombstone");
                }
            } else {
                try (var row = statement.executeQuery("insert into " + table + " values (" + id
                        + ", 1, 'x') on conflict (id) do update set version = " + table
                        + ".version + 1 returning version")) {
                    row.next();
                    int version = row.getInt(1);
                    told.add((version == 1 ? "c " : "u ") + version);
                }
            }
        }
        transaction.merge(key, told, Ledger::joined);
    }

    private static List<String> joined(List<String> first, List<String> then) {
        var all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }

    /** Key by key what was committed; fails when a writer did. */
    Map<String, List<String>> committed() throws SQLException {
        SQLException e = failure.get();
        if (e != null) {
            throw e;
        }
        committed.values().removeIf(List::isEmpty);
        return committed;
    }

    /** Key by key what a consumer read. */
    static Map<String, List<String>> read(List<ConsumerRecord<String, String>> records) {
        var read = new ConcurrentHashMap<String, List<String>>();
        for (var record : records) {
            if (isMarker(record)) {
                continue;
            }
            String table = record.topic().substring(record.topic().lastIndexOf('.') + 1);
            read.computeIfAbsent(table + "/" + json(record.key()).get("id").asInt(), key -> new ArrayList<>())
                    .add(told(record));
        }
        return read;
    }

    /** Records of the tables that are written here. */
    static long count(List<ConsumerRecord<String, String>> records) {
        return records.stream().filter(record -> !isMarker(record)).count();
    }

    private static boolean isMarker(ConsumerRecord<String, String> record) {
        return record.topic().endsWith(".started");
    }

    private static String told(ConsumerRecord<String, String> record) {
        if (record.value() == null) {
            return "tombstone";
        }
        JsonNode value = json(record.value());
        String op = value.get("op").asText();
        return op.equals("d")
                ? op
                : op + " " + value.get("after").get("version").asInt();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
