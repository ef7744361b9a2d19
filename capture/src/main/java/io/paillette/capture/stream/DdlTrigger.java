package io.paillette.capture.stream;

import io.paillette.capture.CaptureSettings;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event trigger that lets a new table join in the transaction that creates it (docs: Event Triggers). Where the role
 * may not have one, {@link TableWatch} alone looks for new tables.
 */
final class DdlTrigger {

    private static final Logger LOG = LoggerFactory.getLogger(DdlTrigger.class);
    private static final String INSTALL = SqlText.load("ddl_trigger");
    private static final String TABLES = SqlText.load("captured_tables");
    private static final String TOUCHED = SqlText.load("touched_by_ddl");
    private static final String BODY = SqlText.load("trigger_body");
    private static final String DOLLARS = "$paillette$";
    private static final int IDENTIFIER_LENGTH = 63;

    private final CaptureSettings settings;
    private final ServerFacts server;
    private final String name;
    private final String install;

    DdlTrigger(CaptureSettings settings, ServerFacts server, Publications publications) {
        this.settings = settings;
        this.server = server;
        String suffix = "_tables";
        int room = IDENTIFIER_LENGTH - suffix.length();
        String slot = settings.slot();
        this.name = (slot.length() > room ? slot.substring(0, room) : slot) + suffix;
        Map<String, String> values = new HashMap<>(publications.quoted());
        values.put("function", SqlText.identifier(name));
        values.put("trigger", SqlText.identifier(name));
        values.put("source", SqlText.literal(settings.name()));
        this.install = SqlText.fill(INSTALL.replace("${captured_tables}", TABLES.replace("${only}", TOUCHED)), values);
    }

    /**
     * Installs or removes the trigger as the settings say; a role that may not have one only loses immediacy, but on servers that
     * leave out what is attached without it.
     */
    void apply(Connection connection) throws SQLException {
        if (settings.ddlTrigger() != isCurrent(connection)) {
            change(connection);
        }
        if (server.leavesOutAttached() && !(settings.ddlTrigger() && isCurrent(connection))) {
            LOG.warn(
                    "Source {}: before Postgres 15 what is written through a root into a partition is not told where that was"
                            + " written before it was attached, until the source is started again. The event trigger of ddl.trigger"
                            + " prevents that, and is not there: let a superuser start the source once, or upgrade",
                    settings.name());
        }
    }

    private void change(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            if (settings.ddlTrigger()) {
                statement.execute(install);
            } else {
                statement.execute("DROP EVENT TRIGGER IF EXISTS " + SqlText.identifier(name));
            }
            connection.commit();
        } catch (SQLException e) {
            if (!Faults.isDenied(e)) {
                throw e;
            }
            LOG.info(
                    "Source {}: the role may not have an event trigger; new tables join within about a second ({})",
                    settings.name(),
                    e.getMessage());
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private boolean isCurrent(Connection connection) throws SQLException {
        String wanted = install.substring(install.indexOf(DOLLARS) + DOLLARS.length(), install.lastIndexOf(DOLLARS));
        try (var query = connection.prepareStatement(BODY)) {
            query.setString(1, name);
            try (var row = query.executeQuery()) {
                return row.next() && (!settings.ddlTrigger() || row.getString(1).equals(wanted));
            }
        }
    }
}
