package io.paillette.testkit.transfer;

import io.paillette.client.SqlTransaction;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads {@code from,to,amount} and moves the money, in the transaction that commits the offset.
 *
 * <p>Arguments: bootstrap servers, JDBC URL, topic, group protocol. Runs until it is killed; a transaction that fails is rolled back, and the consumer begins again.
 */
public final class TransferApp {

    private static final Duration POLL = Duration.ofMillis(200);

    private TransferApp() {}

    public static void main(String[] arguments) {
        while (true) {
            try {
                run(arguments);
            } catch (SQLException e) { // a deadlock, or the member was replaced: what was read comes again
                System.out.println("rolled back, again: " + e.getMessage());
            }
        }
    }

    private static void run(String[] arguments) throws SQLException {
        try (var consumer = consumer(arguments[0], arguments[3]);
                Connection database = DriverManager.getConnection(arguments[1])) {
            database.setAutoCommit(false);
            consumer.subscribe(List.of(arguments[2]));
            System.out.println("running");
            while (true) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                var transaction = SqlTransaction.on(database);
                for (ConsumerRecord<String, String> record : records) {
                    transfer(database, record.value());
                }
                transaction.commitOffsets(records, consumer.groupMetadata());
                database.commit();
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String protocol) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                "transfers",
                "group.protocol",
                protocol,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "max.poll.records",
                20));
        if (protocol.equals("classic")) { // with the other protocol the broker says how long
            config.put("session.timeout.ms", 2_000);
            config.put("heartbeat.interval.ms", 500);
        }
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private static void transfer(Connection database, String order) throws SQLException {
        String[] parts = order.split(",", -1);
        try (var move = database.prepareStatement(
                "update account set balance = balance + case when id = ? then -? else ? end where id in (?, ?)")) {
            move.setInt(1, Integer.parseInt(parts[0]));
            move.setInt(2, Integer.parseInt(parts[2]));
            move.setInt(3, Integer.parseInt(parts[2]));
            move.setInt(4, Integer.parseInt(parts[0]));
            move.setInt(5, Integer.parseInt(parts[1]));
            move.executeUpdate();
        }
        try (var note = database.prepareStatement("insert into done (transfer) values (?)")) {
            note.setString(1, order);
            note.executeUpdate();
        }
    }
}
