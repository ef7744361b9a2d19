package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.SourceProblem;
import io.paillette.capture.SourceProblem.Where;
import io.paillette.capture.UnavailableValues.Handling;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks for what would keep a source from being captured, all of it and without changing anything. */
public final class SourceCheck {

    private static final String PUBLICATION_RIGHTS = SqlText.load("publication_rights");
    private static final String TABLE_RIGHTS = SqlText.load("table_rights");
    private static final int PUBLICATIONS = 3;

    private final CaptureSettings settings;
    private final SourceDatabase source;
    private final List<SourceProblem> problems = new ArrayList<>();

    private SourceCheck(CaptureSettings settings) {
        this.settings = settings;
        this.source = new SourceDatabase(settings).impatient();
    }

    /** See {@link io.paillette.capture.Capture#problems}. */
    public static List<SourceProblem> problems(CaptureSettings settings) {
        var check = new SourceCheck(settings);
        check.run();
        return List.copyOf(check.problems);
    }

    /** Something that may find that it is not so. */
    @FunctionalInterface
    private interface Look {
        void at() throws CaptureException, SQLException;
    }

    private void run() {
        try (Connection connection = source.connect()) {
            look(Where.SERVER, () -> {
                ServerFacts server = ServerFacts.read(connection);
                look(Where.SERVER, server::checkServer);
                look(Where.USER, server::checkRole);
                look(Where.MESSAGES, () -> SourcePreparation.checkMessages(settings, server));
                // Of a server that is none to capture the rest is not to be asked.
                if (problems.isEmpty()) {
                    look(Where.STANDBY, () -> askSlotSide(connection));
                    askPublications(connection, server);
                }
            });
        } catch (CaptureException e) {
            add(whereRefused(e), e);
        } catch (SQLException e) {
            add(Where.SERVER, Faults.of("The connection of source " + settings.name() + " could not be closed", e));
        }
    }

    /** By SQLSTATE (docs: Appendix A): class 28 is who one is, 3D000 a database that is not there, 42501 one that is not for all. */
    private Where whereRefused(CaptureException refused) {
        String state = refused.getCause() instanceof SQLException cause ? Faults.state(cause) : "";
        return switch (state) {
            case "28P01" -> Where.PASSWORD;
            case "28000", "42501" -> Where.USER;
            case "3D000" -> Where.DATABASE;
            default -> lacksPassword(refused) ? Where.PASSWORD : Where.SERVER;
        };
    }

    /** That the driver finds itself, under a state that means much else. */
    private boolean lacksPassword(CaptureException refused) {
        return settings.server().password().isEmpty()
                && String.valueOf(refused.getMessage()).contains("no password was provided");
    }

    private void askSlotSide(Connection connection) throws CaptureException, SQLException {
        try (var slotSide = SlotSide.open(source, connection)) {
            look(Where.SLOT, () -> {
                Optional<Slot> slot = slotSide.find();
                look(source.hasStandby() ? Where.STANDBY : Where.SLOT, () -> slotSide.check(slot.isPresent()));
            });
        }
    }

    private void askPublications(Connection connection, ServerFacts server) {
        var publications = new Publications(settings, server);
        look(Where.TABLES, () -> publications.requireSameMeaning(connection));
        look(Where.PUBLICATION, () -> {
            if (!isSettled(connection, publications)) {
                askPublicationRights(connection, publications, server);
            }
        });
        look(Where.TABLES, () -> askTableRights(connection, publications, server));
        if (settings.told().unavailable().handling() == Handling.REREAD) {
            look(
                    Where.TABLES,
                    () -> RereadRights.check(
                            connection,
                            publications.captured(connection),
                            settings.told().columns(),
                            server.role()));
        }
    }

    /** Whoever made them: nothing is to be changed. A table that is created later then joins only if they are the role's own. */
    private static boolean isSettled(Connection connection, Publications publications)
            throws CaptureException, SQLException {
        Map<String, Boolean> existing = publications.existing(connection);
        return existing.size() == PUBLICATIONS
                && existing.values().stream().allMatch(Boolean::booleanValue)
                && publications.tables(connection).stream().allMatch(table -> table.inPlace() && !table.joining());
    }

    private void askPublicationRights(Connection connection, Publications publications, ServerFacts server)
            throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(SqlText.fill(PUBLICATION_RIGHTS, publications.quoted()))) {
            row.next();
            String ofOthers = row.getString("of_others");
            if (ofOthers != null) {
                problems.add(new SourceProblem(
                        Where.PUBLICATION,
                        "Role " + server.role() + " may not change publications that are another role's: " + ofOthers
                                + ". Set publication.name to another name, or use the role that owns them."));
            } else if (row.getInt("existing") < PUBLICATIONS && !row.getBoolean("may_create")) {
                problems.add(new SourceProblem(
                        Where.USER,
                        "Role " + server.role() + " may not create publications: run GRANT CREATE ON DATABASE "
                                + SqlText.identifier(server.database()) + " TO " + SqlText.identifier(server.role())
                                + "."));
            }
        }
    }

    /** Of those that are published already nothing is needed any more. */
    private void askTableRights(Connection connection, Publications publications, ServerFacts server)
            throws SQLException {
        Object[] oids = publications.captured(connection).stream()
                .filter(table -> !table.inPlace())
                .map(table -> Integer.toUnsignedLong(table.oid()))
                .toArray();
        try (var query = connection.prepareStatement(TABLE_RIGHTS)) {
            query.setArray(1, connection.createArrayOf("int8", oids));
            try (var row = query.executeQuery()) {
                row.next();
                String ofOthers = row.getString("of_others");
                if (ofOthers != null) {
                    problems.add(new SourceProblem(
                            Where.TABLES,
                            "Role " + server.role() + " does not own " + ofOthers
                                    + ", and only owners may put tables into a publication: GRANT it the role that owns"
                                    + " them, or leave these tables out."));
                }
                if (settings.snapshot().mode() == SnapshotMode.INITIAL) {
                    tellUnread(server.role(), row.getString("unreadable"), row.getString("hidden"));
                }
            }
        }
    }

    private void tellUnread(String role, @Nullable String unreadable, @Nullable String hidden) {
        if (unreadable != null) {
            problems.add(new SourceProblem(
                    Where.TABLES,
                    "Role " + role + " may not read the rows of " + unreadable
                            + ": GRANT SELECT on them and USAGE on their schemas, or set snapshot.mode=no_data."));
        }
        if (hidden != null) {
            problems.add(new SourceProblem(
                    Where.TABLES,
                    "Row-level security hides rows of " + hidden + " from role " + role + ": run ALTER ROLE "
                            + SqlText.identifier(role) + " BYPASSRLS, or set snapshot.mode=no_data."));
        }
    }

    private void look(Where where, Look look) {
        try {
            look.at();
        } catch (CaptureException e) {
            add(where, e);
        } catch (SQLException e) {
            add(where, Faults.of("Source " + settings.name() + " could not be looked at", e));
        }
    }

    private void add(Where where, CaptureException problem) {
        problems.add(new SourceProblem(where, String.valueOf(problem.getMessage())));
    }
}
