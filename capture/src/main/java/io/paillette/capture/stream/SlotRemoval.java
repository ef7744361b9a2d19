package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Drops a slot that is of no use any more, ending a reader that calls itself as we do; a stranger never is. */
final class SlotRemoval {

    private static final String OBJECT_IN_USE = "55006";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 50;

    private final SourceDatabase source;
    private final ServerFacts server;

    SlotRemoval(SourceDatabase source, ServerFacts server) {
        this.source = source;
        this.server = server;
    }

    void remove(Connection connection) throws CaptureException, SQLException {
        String name = source.settings().slot();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<Slot> slot = Slot.find(connection, name, server);
            if (slot.isEmpty()) {
                return;
            }
            try {
                Slot.drop(connection, name);
                return;
            } catch (SQLException e) {
                if (!Faults.state(e).equals(OBJECT_IN_USE)) {
                    throw e;
                }
                boolean ours = slot.get().activePid() == 0
                        || source.applicationName().equals(slot.get().application());
                if (!ours || System.nanoTime() - deadline > 0) {
                    throw new CaptureException(slot.get().activeMessage(), true, e);
                }
            }
            slot.get().terminateReader(connection);
            pause(name);
        }
    }

    private static void pause(String name) throws CaptureException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CaptureException("Closed while the earlier reader of slot " + name + " was ended.", true, e);
        }
    }
}
