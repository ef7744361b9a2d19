package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import io.paillette.capture.TableSelection;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.TableIdentity;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import io.paillette.capture.snapshot.Visibility;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the catalog is asked when a RELATION message comes: once per table and shape, never per change. */
final class RelationLookup {

    private final Connection connection;
    private final TableSelection tables;
    private final Catalog catalog;

    /** For what a predecessor's publication tells and nobody captures, with which no rule need go. */
    private final Catalog plainly;

    private final Visibility visibility;
    /** Empty for a stream that no table joins. */
    private final Optional<Publications> publications;

    private final Set<Integer> published;

    /** Asked about only where somebody wants to know. */
    private final boolean tellsKinds;

    private final Set<Integer> ordinary = new HashSet<>();

    RelationLookup(Connection connection, PreparedSource prepared) {
        this(connection, prepared, Optional.of(prepared.publications()));
    }

    /** For what the predecessor's publication tells. */
    static RelationLookup ofPredecessor(Connection connection, PreparedSource prepared) {
        return new RelationLookup(connection, prepared, Optional.empty());
    }

    private RelationLookup(Connection connection, PreparedSource prepared, Optional<Publications> publications) {
        this.connection = connection;
        CaptureSettings settings = prepared.source().settings();
        this.tables = settings.tables();
        this.catalog = new Catalog(connection, settings.told().columns());
        this.plainly = new Catalog(connection, ColumnRules.NONE);
        this.visibility = new Visibility(connection, prepared.server());
        this.publications = publications;
        this.tellsKinds = settings.told().unavailable().remembers();
        this.published = prepared.tables().stream()
                .filter(table -> table.published() && !table.joining())
                .map(CapturedTable::oid)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Completes the shape; {@code xid} is the transaction that uses it, which may have created the table. */
    Relation complete(long xid, int oid, TableName name, ReplicaIdentity identity, List<RelationColumn> columns)
            throws CaptureException {
        try {
            visibility.await(Set.of(xid));
            if (tellsKinds) {
                ordinary.remove(oid);
                TableIdentity.find(connection, oid)
                        .filter(table -> !table.partitioned())
                        .ifPresent(table -> ordinary.add(oid));
            }
            boolean ruled = publications.isPresent() || tables.contains(name);
            return (ruled ? catalog : plainly).relation(oid, name, identity, columns);
        } catch (SQLException e) {
            throw Faults.of("The catalog could not be asked about table " + name, e);
        }
    }

    /** Whether the table of the last RELATION message has partitions; of one that is gone nobody knows. */
    boolean mayBePartitioned(int oid) {
        return !ordinary.contains(oid);
    }

    /** Whether the table is there, captured, and has no partitions. */
    boolean isOrdinary(Relation relation) throws CaptureException {
        try {
            return TableIdentity.find(connection, relation.oid())
                    .filter(table -> !table.partitioned() && tables.contains(table.name()))
                    .isPresent();
        } catch (SQLException e) {
            throw Faults.of("The catalog could not be asked about table " + relation.name(), e);
        }
    }

    /** Whether the table may have been told of before this capture began. */
    boolean wasPublished(int oid) {
        return published.contains(oid);
    }

    /** Whether rows that the table had before it was published are still to be read. */
    boolean isJoining(int oid) throws CaptureException {
        try {
            return publications.isPresent()
                    && publications.get().joiningSince(connection, oid).isPresent();
        } catch (SQLException e) {
            throw Faults.of("The publications could not be asked about table " + oid, e);
        }
    }

    /** Names of the tables that are captured now. */
    List<TableName> captured() throws CaptureException {
        if (publications.isEmpty()) {
            return List.of();
        }
        try {
            return publications.get().captured(connection).stream()
                    .map(CapturedTable::name)
                    .toList();
        } catch (SQLException e) {
            throw Faults.of("The server could not be asked for the captured tables", e);
        }
    }

    /** Takes out those that a snapshot taken from now on sees. */
    void forgetVisible(Set<Long> xids) throws CaptureException {
        try {
            visibility.forgetVisible(xids);
        } catch (SQLException e) {
            throw Faults.of("The server could not be asked for its transactions", e);
        }
    }

    /** Returns once every one of these transactions is visible to a snapshot taken then. */
    void awaitVisible(Set<Long> xids) throws CaptureException {
        try {
            visibility.await(xids);
        } catch (SQLException e) {
            throw Faults.of("The server could not be asked for its transactions", e);
        }
    }
}
