package io.paillette.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.CuttingProxy;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void aPoolWhoseVeryFirstConnectionIsCutServesAllTheSame() throws Exception {
        try (var proxy = new CuttingProxy(database, "TRANSACTION ISOLATION LEVEL")) {
            proxy.arm(1);
            try (Connections pool = pool(proxy.database())) {
                Awaitility.await().until(() -> proxy.cuts() == 1);

                assertThat(pool.<Boolean>call("asking", connection -> connection.isValid(5)))
                        .isTrue();
            }
        }
    }

    @Test
    void aDatabaseThatIsSerializableByDefaultIsReadAndWrittenWithReadCommitted() {
        database.execute("alter database " + database.name() + " set default_transaction_isolation = serializable");
        try (Connections pool = pool(database)) {
            assertThat(pool.<Integer>call("asking", Connection::getTransactionIsolation))
                    .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
        }
    }

    private static Connections pool(Database database) {
        return Connections.open(
                StoreSettings.of(database.url()),
                Sessions.OWN,
                new StoreHealth(System::nanoTime),
                new StoreCalls(),
                "test",
                1);
    }
}
