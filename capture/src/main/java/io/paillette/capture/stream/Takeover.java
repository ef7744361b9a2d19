package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Visibility;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where our slot takes over from a predecessor's. Our publications tell nothing of the time before they were made: what
 * was going on then must have ended, and it is the predecessor's publication that tells it.
 */
final class Takeover {

    private static final String TOLD = SqlText.load("told_by_publication");

    private final SourceDatabase source;
    private final ServerFacts server;
    private final Position stored;
    private final Predecessor predecessor;

    /** What the predecessor's publication tells: tables, and those that they are partitions of. */
    private record Told(Set<TableName> tables, Set<TableName> roots, List<TableName> hidden) {}

    Takeover(SourceDatabase source, ServerFacts server, Position stored, Predecessor predecessor) {
        this.source = source;
        this.server = server;
        this.stored = stored;
        this.predecessor = predecessor;
    }

    /** It is not known yet where ours takes over. */
    static boolean isToBegin(Predecessor predecessor) {
        return predecessor.until().equals(Lsn.NONE);
    }

    /**
     * Whether a slot of ours that is there can take over. One from before the predecessor's last commit would tell once more what
     * that has told since; the predecessor's own tells what our publications do not.
     */
    static boolean isUsable(Slot ours, Predecessor predecessor, Position stored) {
        return !ours.name().equals(predecessor.slot()) && ours.confirmed().compareTo(stored.end()) >= 0;
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
        return slot.get().lost().or(() -> ours.flatMap(Slot::lost)).or(() -> elsewhere(slot.get()));
    }

    /** What a position of ours is inside of must still come whole. */
    private Optional<String> elsewhere(Slot slot) {
        if (stored.server().filter(before -> !before.equals(server.identity())).isPresent()) {
            return Optional.of("The server is another one, or on another timeline, than when slot " + slot.name()
                    + " was read up to " + stored.end());
        }
        boolean inside = !stored.commit().equals(Lsn.NONE);
        return inside && slot.confirmed().compareTo(stored.commit()) > 0
                ? Optional.of("Slot " + slot.name() + " was advanced by somebody else: it begins at " + slot.confirmed()
                        + ", and the rest of the transaction at " + stored.commit() + " is lost to it")
                : Optional.empty();
    }

    private void requirePublication(Connection connection) throws CaptureException {
        if (source.settings().publication().equals(predecessor.publication())) {
            throw Faults.fatal("publication.name is that of the predecessor, " + predecessor.publication()
                    + ", which stays as it is: leave publication.name out, and ours is made beside it.");
        }
        try {
            Told told = told(connection)
                    .orElseThrow(() -> Faults.fatal("There is no publication "
                            + predecessor.publication() + ", with which slot " + predecessor.slot()
                            + " was read: name the right one."));
            if (!told.hidden().isEmpty()) {
                throw Faults.fatal(
                        "Publication " + predecessor.publication() + " tells of partitions by their own names,"
                                + " which are not among the tables to capture, though what they are partitions of is: "
                                + told.hidden() + ". Name them too until slot " + predecessor.slot() + " is read.");
            }
        } catch (SQLException e) {
            throw Faults.of("Publication " + predecessor.publication() + " could not be looked at", e);
        }
    }

    /** Empty when the publication does not exist. */
    private Optional<Told> told(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(TOLD)) {
            query.setString(1, predecessor.publication());
            try (var row = query.executeQuery()) {
                boolean exists = false;
                var told = new Told(new HashSet<>(), new HashSet<>(), new ArrayList<>());
                while (row.next()) {
                    exists = true;
                    if (row.getString("name") != null) {
                        add(row, told);
                    }
                }
                return exists ? Optional.of(told) : Optional.empty();
            }
        }
    }

    private void add(ResultSet row, Told told) throws SQLException {
        var name = new TableName(row.getString("schema"), row.getString("name"));
        told.tables().add(name);
        Object[] schemas = (Object[]) row.getArray("root_schemas").getArray();
        Object[] names = (Object[]) row.getArray("roots").getArray();
        boolean rootCaptured = false;
        for (int i = 0; i < names.length; i++) {
            var root = new TableName(String.valueOf(schemas[i]), String.valueOf(names[i]));
            told.roots().add(root);
            rootCaptured |= source.settings().tables().contains(root);
        }
        if (rootCaptured && !source.settings().tables().contains(name)) {
            told.hidden().add(name);
        }
    }

    /** With our publications in place: the same, knowing where ours takes over. */
    Predecessor begun(Connection connection, SlotSide slotSide, Publications publications, Optional<Slot> ours)
            throws CaptureException, SQLException {
        if (!isToBegin(predecessor)) {
            return predecessor;
        }
        haveOthersRead(connection, publications);
        if (source.settings().slot().equals(predecessor.slot())) {
            return predecessor.until(settled(connection));
        }
        boolean usable =
                ours.filter(slot -> isUsable(slot, predecessor, stored)).isPresent();
        if (ours.isPresent() && !usable) {
            slotSide.remove();
        }
        return predecessor.until(
                usable ? ours.get().confirmed() : slotSide.create().confirmed());
    }

    /** Nobody told of them: they are read as a table that is captured from now on. */
    private void haveOthersRead(Connection connection, Publications publications) throws SQLException {
        Optional<Told> told = told(connection);
        if (told.isPresent()) {
            publications.rejoin(
                    connection,
                    table -> !told.get().tables().contains(table.name())
                            && !told.get().roots().contains(table.name()));
        }
    }

    /** Where the WAL is once all has ended that was going on when our publications were made. */
    private Lsn settled(Connection connection) throws CaptureException, SQLException {
        new Visibility(connection, server).awaitEndOfAll();
        return ServerFacts.read(connection).walEnd().beforePageHeader();
    }
}
