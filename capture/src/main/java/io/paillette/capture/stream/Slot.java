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
 * @param restart     from here the server reads the WAL; {@link Lsn#NONE} when it cannot
 * @param lost        why it can no longer be read, as a sentence without its end; empty when it can
 * @param failover    standbys keep a copy of it
 * @param activePid   who reads it now, 0 for nobody
 * @param application what that one calls itself
 */
record Slot(
        String name,
        Lsn confirmed,
        Lsn restart,
        Optional<String> lost,
        boolean failover,
        int activePid,
        @Nullable String application) {

    private static final String STATE = SqlText.load("slot_state");
    private static final String CREATE = SqlText.load("create_slot");
    private static final String CREATE_FAILOVER = SqlText.load("create_failover_slot");
    private static final String DROP = SqlText.load("drop_slot");
    private static final String TERMINATE = SqlText.load("terminate_sender");

    /**
     * Reads the slot's state.
     *
     * @throws CaptureException when it cannot be ours
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
                return Optional.of(new Slot(
                        name,
                        lsn(row.getString("confirmed")),
                        lsn(row.getString("restart")),
                        lost(name, row.getString("wal_status"), row.getString("invalidation_reason")),
                        row.getBoolean("failover"),
                        row.getInt("active_pid"),
                        row.getString("application")));
            }
        } catch (SQLException e) {
            throw Faults.of("The state of slot " + name + " could not be read", e);
        }
    }

    private static Lsn lsn(@Nullable String text) {
        return text == null ? Lsn.NONE : Lsn.parse(text);
    }

    /** Reasons as in the docs of pg_replication_slots; before 17 the server keeps them to itself. */
    private static Optional<String> lost(String name, @Nullable String walStatus, @Nullable String reason) {
        if (!"lost".equals(walStatus) && reason == null) {
            return Optional.empty();
        }
        String why =
                switch (reason == null ? "" : reason) {
                    case "wal_level_insufficient" -> "wal_level was below logical for a while";
                    case "rows_removed" ->
                        "rows of the catalog that it still needed were vacuumed; a standby that has the slot needs"
                                + " hot_standby_feedback=on and a slot of its own on the primary";
                    case "idle_timeout" ->
                        "nobody read it for longer than idle_replication_slot_timeout, which should be raised";
                    default -> "the server removed WAL that it still needed; max_slot_wal_keep_size should be raised";
                };
        return Optional.of("Slot " + name + " is lost" + (reason == null ? "" : " (" + reason + ")") + ": " + why);
    }

    /**
     * Waits until transactions that run now have ended; then the slot sees every later one.
     *
     * @param failover standbys are to keep a copy, where the server can
     */
    static Slot create(Connection connection, String name, ServerFacts server, boolean failover)
            throws CaptureException {
        String create = failover && server.hasFailoverSlots() ? CREATE_FAILOVER : CREATE;
        try (var query = connection.prepareStatement(create)) {
            query.setString(1, name);
            query.execute();
        } catch (SQLException e) {
            throw Faults.of("Slot " + name + " could not be created", e);
        }
        return find(connection, name, server)
                .orElseThrow(() -> Faults.fatal("Slot " + name + " was dropped as soon as it was made."));
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

    /** @throws SQLException 55006 while somebody reads it */
    static void drop(Connection connection, String name) throws SQLException {
        try (var query = connection.prepareStatement(DROP)) {
            query.setString(1, name);
            query.execute();
        }
    }

    String activeMessage() {
        return "Slot " + name + " is active for pid " + activePid + " (" + application
                + "): stop that reader, or set slot.name to another name.";
    }
}
