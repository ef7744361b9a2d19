package io.paillette.connect;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilteredIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    @Tag("proof")
    void theSlotLetsGoOfWhatATransformDropsThoughThereIsNothingElse(@TempDir Path directory) {
        var database = PostgresServer.shared().newDatabase();
        database.execute("create table orders (id int primary key, item text)");
        var config = Sample.pointedAt(Sample.properties(), database);
        config.put("snapshot.mode", "no_data");
        config.put("transforms", "none");
        config.put("transforms.none.type", "org.apache.kafka.connect.transforms.Filter");
        Path connector = Sample.asProperties(config, directory.resolve("connector.properties"));
        try (var kafka = ApacheKafka.start(Peer.KAFKA_4);
                var worker = ConnectWorker.standalone(
                        new ConnectWorker.Setup(
                                Peer.KAFKA_4,
                                kafka.bootstrap(),
                                List.of(Sample.plugins()),
                                Map.of("offset.flush.interval.ms", "1000")),
                        List.of(connector))) {
            worker.awaitRunning("app");
            Awaitility.await("the slot").atMost(LIMIT).until(() -> confirmed(database, "0/0"));
            database.execute("insert into orders select i, 'x' from generate_series(1, 1000) i");
            String written = database.query("select pg_current_wal_lsn()");
            Awaitility.await("the slot goes on").atMost(LIMIT).until(() -> confirmed(database, written));
            worker.kill();
            database.execute("insert into orders values (2000, 'y')");
            String later = database.query("select pg_current_wal_lsn()");
            worker.start();
            worker.awaitRunning("app");
            Awaitility.await("also after a restart").atMost(LIMIT).until(() -> confirmed(database, later));
        }
    }

    private static boolean confirmed(Database database, String lsn) {
        return database.query("select coalesce(bool_or(confirmed_flush_lsn >= '" + lsn
                        + "'), false) from pg_replication_slots where database = current_database()")
                .equals("t");
    }
}
