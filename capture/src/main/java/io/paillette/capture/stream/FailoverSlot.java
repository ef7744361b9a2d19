package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets standbys keep a copy of a slot that was made before that was wanted (docs: Replication Slot Synchronization). */
final class FailoverSlot {

    private static final Logger LOG = LoggerFactory.getLogger(FailoverSlot.class);

    private final SourceDatabase source;
    private final ServerFacts server;

    FailoverSlot(SourceDatabase source, ServerFacts server) {
        this.source = source;
        this.server = server;
    }

    /** Only the protocol of replication can change a slot, and only while nobody reads it. */
    void apply(Optional<Slot> existing) throws CaptureException {
        if (!source.settings().slotRules().failover()) {
            return;
        }
        if (!server.hasFailoverSlots()) {
            LOG.warn(
                    "Source {}: slot.failover needs Postgres 17 or newer; after a fail-over the slot will be gone",
                    source.settings().name());
        } else if (existing.isPresent() && !existing.get().failover()) {
            alter(existing.get());
        }
    }

    private void alter(Slot slot) throws CaptureException {
        try (Connection replication = source.connectForReplication();
                var statement = replication.createStatement()) {
            statement.execute("ALTER_REPLICATION_SLOT " + SqlText.identifier(slot.name()) + " (FAILOVER true)");
        } catch (SQLException e) {
            throw Faults.of(
                    "Slot " + slot.name() + " could not be made one that standbys keep, as slot.failover asks", e);
        }
    }
}
