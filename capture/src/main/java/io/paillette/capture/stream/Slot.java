package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Our replication slot as the server shows it (docs: pg_replication_slots).
 *
 * @param confirmed   up to here the server may have let go of WAL
 * @param activePid   who reads it now, 0 for nobody
 * @param application what that one calls itself
 */
record Slot(String name, Lsn confirmed, int activePid, @Nullable String application) {

    private static final String STATE = SqlText.load("slot_state");
    private static final String CREATE = SqlText.load("create_slot");
    private static final String TERMINATE = SqlText.load("terminate_sender");

    /**
     * Reads the slot's state.
     *
     * @throws CaptureException when it cannot be ours, or can no longer be read
     */
    static Optional<Slot> find(Connection connection, String name, ServerFacts server) throws CaptureException {
        try (var query = connection.prepareStatement(STATE)) {
            query.setString(1, name);
            try (var row = query.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String plugin = row.getString("plugin");
                String database = row.getString("database");
                if (!"pgoutput".equals(plugin) || !server.database().equals(database)) {
                    throw Faults.fatal("Slot " + name + " belongs to something else (plugin " + plugin + ", database "
                            + database + "): set slot.name to another name.");
                }
                String reason = row.getString("invalidation_reason");
                if ("lost".equals(row.getString("wal_status")) || reason != null) {
                    throw Faults.fatal("Slot " + name + " is lost" + (reason == null ? "" : " (" + reason + ")")
                            + ": the server removed WAL it still needed. Raise max_slot_wal_keep_size, drop the slot"
                            + " and read the source again from the start.");
                }
                String confirmed = row.getString("confirmed");
                return Optional.of(new Slot(
                        name,
                        confirmed == null ? Lsn.NONE : Lsn.parse(confirmed),
                        row.getInt("active_pid"),
                        row.getString("application")));
            }
        } catch (SQLException e) {
            throw Faults.of("The state of slot " + name + " could not be read", e);
        }
    }

    /** Waits until transactions that run now have ended; then the slot sees every later one. */
    static Slot create(Connection connection, String name) throws CaptureException {
        try (var query = connection.prepareStatement(CREATE)) {
            query.setString(1, name);
            try (var row = query.executeQuery()) {
                row.next();
                return new Slot(name, Lsn.parse(row.getString(1)), 0, null);
            }
        } catch (SQLException e) {
            throw Faults.of("Slot " + name + " could not be created", e);
        }
    }

    /** Ends the session that reads the slot. */
    void terminateReader(Connection connection) throws CaptureException {
        try (var query = connection.prepareStatement(TERMINATE)) {
            query.setInt(1, activePid);
            query.setString(2, name);
            query.execute();
        } catch (SQLException e) {
            throw Faults.of("The earlier reader of slot " + name + " (pid " + activePid + ") could not be ended", e);
        }
    }
}
