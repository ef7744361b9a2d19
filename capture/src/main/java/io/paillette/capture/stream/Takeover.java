package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Predecessor;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Visibility;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where our slot takes over from a predecessor's. Our publications tell nothing of the time before they were made: what
 * was going on then must have ended, and it is the predecessor's publication that tells it.
 */
final class Takeover {

    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
    private static final String TOLD = SqlText.load("told_by_publication");

    private final SourceDatabase source;
    private final ServerFacts server;
    private final Predecessor predecessor;

    Takeover(SourceDatabase source, ServerFacts server, Predecessor predecessor) {
        this.source = source;
        this.server = server;
        this.predecessor = predecessor;
    }

    /** It is not known yet where ours takes over. */
    static boolean isToBegin(Predecessor predecessor) {
        return predecessor.until().equals(Lsn.NONE);
    }

    /** What keeps the predecessor's slot from being read to its end, as a sentence without its end; empty when nothing does. */
    Optional<String> broken(Connection connection, Optional<Slot> ours) throws CaptureException {
        if (source.hasStandby()) {
            throw Faults.fatal("The slot of a predecessor is read on the server of url: give standby.url once slot "
                    + predecessor.slot() + " is read.");
        }
        Optional<Slot> slot = Slot.find(connection, predecessor.slot(), server);
        if (slot.isEmpty()) {
            return Optional.of("Slot " + predecessor.slot() + ", of which changes are still to be read, is not there");
        }
        if (ours.isEmpty() && !isToBegin(predecessor)) {
            return Optional.of("Slot " + source.settings().slot() + " is gone, and with it what changed after "
                    + predecessor.until());
        }
        requirePublication(connection);
        return slot.get().lost().or(() -> ours.flatMap(Slot::lost));
    }

    private void requirePublication(Connection connection) throws CaptureException {
        if (source.settings().publication().equals(predecessor.publication())) {
            throw Faults.fatal("publication.name is that of the predecessor, " + predecessor.publication()
                    + ", which stays as it is: leave publication.name out, and ours is made beside it.");
        }
        try {
            if (told(connection).isEmpty()) {
                throw Faults.fatal("There is no publication " + predecessor.publication() + ", with which slot "
                        + predecessor.slot() + " was read: name the right one.");
            }
        } catch (SQLException e) {
            throw Faults.of("Publication " + predecessor.publication() + " could not be looked at", e);
        }
    }

    /** The tables that the predecessor's publication has; empty when it does not exist. */
    private Optional<Set<TableName>> told(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(TOLD)) {
            query.setString(1, predecessor.publication());
            try (var row = query.executeQuery()) {
                boolean exists = false;
                Set<TableName> tables = new HashSet<>();
                while (row.next()) {
                    exists = true;
                    if (row.getString("name") != null) {
                        tables.add(new TableName(row.getString("schema"), row.getString("name")));
                    }
                }
                return exists ? Optional.of(tables) : Optional.empty();
            }
        }
    }

    /** With our publications in place: the same, knowing where ours takes over. */
    Predecessor begun(Connection connection, SlotSide slotSide, Optional<Slot> ours)
            throws CaptureException, SQLException {
        if (!isToBegin(predecessor)) {
            return predecessor;
        }
        tellOfOthers(connection);
        if (source.settings().slot().equals(predecessor.slot())) {
            return predecessor.until(settled(connection));
        }
        Slot slot = ours.isPresent() ? ours.get() : slotSide.create();
        return predecessor.until(slot.confirmed());
    }

    private void tellOfOthers(Connection connection) throws SQLException {
        Set<TableName> told = told(connection).orElse(Set.of());
        var publications = new Publications(source.settings(), server);
        List<TableName> others = publications.tables(connection).stream()
                .filter(CapturedTable::captured)
                .map(CapturedTable::name)
                .filter(name -> !told.contains(name))
                .toList();
        if (!others.isEmpty()) {
            LOG.warn(
                    "Source {}: tables that publication {} does not have are told from now on only, and their rows are not"
                            + " read: {}. Ask for a backfill of each where they should be",
                    source.settings().name(),
                    predecessor.publication(),
                    others);
        }
    }

    /** Where the WAL is once all has ended that was going on when our publications were made. */
    private Lsn settled(Connection connection) throws CaptureException, SQLException {
        new Visibility(connection, server).awaitEndOfAll();
        return ServerFacts.read(connection).walEnd();
    }
}
