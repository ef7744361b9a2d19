package io.paillette.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.store.StoreException;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class StoreTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void theClusterIdIsMadeOnceAndReadableAsKafkas() {
        String first;
        try (Store store = Store.open(StoreSettings.of(database.url()))) {
            first = store.clusterId();
        }
        try (Store store = Store.open(StoreSettings.of(database.url()))) {
            assertThat(store.clusterId()).isEqualTo(first);
        }
        assertThat(Uuid.fromString(first)).isNotEqualTo(Uuid.ZERO_UUID);
    }

    @Test
    void aServerThatDoesNotAnswerIsNamedAsSuch() {
        var nowhere = StoreSettings.of("jdbc:postgresql://127.0.0.1:1/postgres?user=postgres");

        assertThatThrownBy(() -> Store.open(nowhere))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Postgres cannot be reached; start it or correct store.url");
    }

    @Test
    void aDatabaseThatIsMissingIsNamedAsSuch() {
        var missing = StoreSettings.of(new Database(database.port(), "no_such_database").url());

        assertThatThrownBy(() -> Store.open(missing))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("there is no such database; create it or correct store.url");
    }

    @Test
    void aRoleWithoutRightsIsToldWhatToGrant() {
        String role = "guest_of_" + database.name();
        database.execute("create role " + role + " login");
        var guest = StoreSettings.of(database.url().replace("?user=postgres", ""))
                .withLogin(Optional.of(role), Optional.empty());

        assertThatThrownBy(() -> Store.open(guest))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("grant it CREATE on the database");
    }

    @Test
    void aStoreOfSeveralHostsIsToldAsPsqlTakesIt() {
        var store = new StoreAddress("jdbc:postgresql://a:1,b:2/db?targetServerType=primary", "u", "secret");

        assertThat(store).hasToString("postgresql://u@a:1,b:2/db");
    }

    @Test
    void thePasswordStaysOutOfLogs() {
        assertThat(StoreSettings.of("jdbc:postgresql://h/db?user=u&password=secret")
                        .toString())
                .doesNotContain("secret");
    }
}
