package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import io.paillette.capture.ServerIdentity;
import io.paillette.capture.SnapshotProgress;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

/** Offsets that somebody gives to the connector by Connect's REST API. */
final class OffsetsTest {

    private static final Map<String, ?> OURS = Map.of("server", "app");

    private final PostgresSourceConnector connector = new PostgresSourceConnector();
    private final Database database = PostgresServer.shared().newDatabase();
    private final Map<String, String> config = Sample.pointedAt(Sample.json(), database);

    @Test
    void aPositionThatTheSlotHasIsTaken() {
        makeSlot();
        assertThat(alter(OURS, Map.of("position", now()))).isTrue();
    }

    @Test
    void everyResetIsRight() {
        Map<Map<String, ?>, Map<String, ?>> reset = new HashMap<>();
        reset.put(OURS, null);
        reset.put(Map.of("file", "of another connector"), null);
        assertThat(connector.alterOffsets(config, reset)).isTrue();
        assertThat(connector.alterOffsets(config, Map.of())).isTrue();
    }

    @Test
    void whatCannotBeReadIsRefusedAndSaysWhatIsWrongWithIt() {
        makeSlot();
        String position = now();
        refused(OURS, Map.of("position", "0/16B3748"), "not a position: 0/16B3748");
        refused(OURS, Map.of("position", position.replace("ordinal", "ordnial")), "ordnial");
        refused(OURS, Map.of("position", 24), "must be a string that holds JSON");
        refused(OURS, Map.of("positoin", position), "has no \"position\", so it is not this connector's");
        refused(OURS, Map.of("position", position, "lsn", 5), "has more fields than \"position\"");
        refused(OURS, Map.of(), "has no \"position\"");
    }

    @Test
    void anotherPartitionThanThatOfTheTopicPrefixIsRefused() {
        makeSlot();
        Map<String, ?> offset = Map.of("position", now());
        refused(Map.of("server", "other"), offset, "which has one: {server=app}, its topic.prefix");
        refused(Map.of("server", "app", "more", 1), offset, "which has one: {server=app}");
        refused(Map.of(), offset, "which has one: {server=app}");
    }

    @Test
    void whereTheSlotOrTheServerCannotGoOnIsRefusedUnlessTheTablesMayBeReadAgain() {
        String position = now();
        refused(OURS, Map.of("position", position), "Slot connect_" + database.name() + " is gone");
        makeSlot();
        refused(OURS, Map.of("position", at(new Lsn(Long.MAX_VALUE - 1))), "The WAL of the server ends at");
        String elsewhere =
                PositionText.write(PositionText.read(position).on(new ServerIdentity("7000000000000000001", 1)));
        refused(OURS, Map.of("position", elsewhere), "leads to another server (system identifier");
        config.put("on.slot.loss", "resnapshot");
        assertThat(alter(OURS, Map.of("position", elsewhere))).isTrue();
    }

    @Test
    void debeziumsOffsetIsTakenWhereItsSlotAndPublicationAreThere() {
        config.remove("publication.name");
        config.put("takeover.slot.name", "dbz_" + database.name());
        Map<String, ?> offset = Map.of("lsn", 24_000_000, "lsn_commit", 23_999_000, "txId", 750, "ts_usec", 1);
        refused(OURS, offset, "Slot dbz_" + database.name() + ", of which changes are still to be read, is not there");
        database.query("select pg_create_logical_replication_slot('dbz_" + database.name() + "', 'pgoutput')");
        refused(OURS, offset, "no publication dbz_publication");
        config.put("on.slot.loss", "resnapshot");
        refused(OURS, offset, "no publication dbz_publication");
        database.execute("create publication dbz_publication for all tables");
        assertThat(alter(OURS, offset)).isTrue();
        refused(OURS, Map.of("lsn", 24_000_000, "snapshot", "INITIAL"), "in the middle of its snapshot");
    }

    private void makeSlot() {
        database.query("select pg_create_logical_replication_slot('connect_" + database.name() + "', 'pgoutput')");
    }

    private String now() {
        return at(Lsn.parse(database.query("select pg_current_wal_lsn()")));
    }

    private static String at(Lsn end) {
        return PositionText.write(Position.between(end, SnapshotProgress.DONE));
    }

    private boolean alter(Map<String, ?> partition, Map<String, ?> offset) {
        return connector.alterOffsets(config, Map.of(partition, offset));
    }

    private void refused(Map<String, ?> partition, Map<String, ?> offset, String why) {
        assertThatThrownBy(() -> alter(partition, offset))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(why);
    }
}
