package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The server that has the slot, which may be a standby of the source's. */
final class SlotSide implements AutoCloseable {

    private final SourceDatabase source;
    private final ServerFacts primary;
    private final ServerFacts server;
    private final Connection connection;

    private SlotSide(SourceDatabase source, ServerFacts primary, ServerFacts server, Connection connection) {
        this.source = source;
        this.primary = primary;
        this.server = server;
        this.connection = connection;
    }

    /** @param onPrimary used for the slot as well where that is the primary's, and left open */
    static SlotSide open(SourceDatabase source, Connection onPrimary) throws CaptureException {
        ServerFacts primary = ServerFacts.read(onPrimary);
        if (!source.hasStandby()) {
            return new SlotSide(source, primary, primary, onPrimary);
        }
        Connection onStandby = source.ofSlot().connect();
        try {
            return new SlotSide(source, primary, ServerFacts.read(onStandby), onStandby);
        } catch (CaptureException e) {
            try {
                onStandby.close();
            } catch (SQLException close) {
                e.addSuppressed(close);
            }
            throw e;
        }
    }

    /** What the source's own server allows. */
    ServerFacts primary() {
        return primary;
    }

    Optional<Slot> find() throws CaptureException {
        return Slot.find(connection, name(), server);
    }

    /** @throws CaptureException naming what is missing on either server and what to do */
    void check(boolean slotExists) throws CaptureException {
        primary.check(name(), slotExists || source.hasStandby());
        if (source.hasStandby()) {
            server.checkStandby(primary, name(), slotExists);
        }
    }

    Slot create() throws CaptureException {
        return source.hasStandby()
                ? new StandbySlot(source, server).create(connection)
                : Slot.create(
                        connection,
                        name(),
                        server,
                        source.settings().slotRules().failover());
    }

    void remove() throws CaptureException, SQLException {
        new SlotRemoval(source, server).remove(connection);
    }

    private String name() {
        return source.settings().slot();
    }

    @Override
    public void close() throws SQLException {
        if (source.hasStandby()) {
            connection.close();
        }
    }
}
