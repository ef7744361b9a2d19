package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the catalog once a second and puts every captured table into the publication where it belongs, whether the
 * event trigger is there or not. A table that joins late is handed to the reader, which reads the rows it
 * had before.
 */
final class TableWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);
    private static final long PERIOD_MILLIS = 1_000;

    private final SourceDatabase source;
    private final Publications publications;
    private final Joins joins;
    private final Supplier<Position> stored;
    private final SlotWatch slot;
    private final Runnable serverStops;
    private final ScheduledExecutorService thread;

    /** With the transaction that marked them: one that is marked anew is read anew. */
    private final Map<Integer, Long> handedOver = new HashMap<>();

    private final Set<String> told = new HashSet<>();
    private volatile List<TableName> tables = List.of();
    private final WatchConnection catalog;

    /** The same, unless a standby has the slot. */
    private final WatchConnection slotSide;

    TableWatch(PreparedSource prepared, Joins joins, Supplier<Position> stored, SlotWatch slot, Runnable serverStops) {
        this.source = prepared.source();
        this.catalog = new WatchConnection(source);
        this.slotSide = source.hasStandby() ? new WatchConnection(source.ofSlot()) : catalog;
        this.publications = prepared.publications();
        this.joins = joins;
        this.stored = stored;
        this.slot = slot;
        this.serverStops = serverStops;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread created =
                    new Thread(task, "paillette-tables-" + source.settings().name());
            created.setDaemon(true);
            return created;
        });
    }

    /** Those that are captured, as of the last look. */
    List<TableName> tables() {
        return tables;
    }

    void start() {
        // Never done before close() and never failing: lookAndReport catches.
        var unused = thread.scheduleWithFixedDelay(this::lookAndReport, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(WatchConnection.NETWORK_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "Source {}: the look for new tables did not stop",
                        source.settings().name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drop();
    }

    private void lookAndReport() {
        try {
            look();
        } catch (CaptureException | SQLException | RuntimeException e) {
            // The next round begins with a new connection; the stream itself tells when the server is gone.
            if (!thread.isShutdown()) {
                tell("the look for new tables failed and is tried again: " + e.getMessage());
            }
            drop();
            if (!thread.isShutdown()) {
                leaveServerThatStops();
            }
        }
    }

    /**
     * A server that is told to stop ends all sessions but those that read its WAL: for them it waits until they have confirmed
     * all of it (docs: Shutting Down the Server). What is not stored yet cannot be confirmed, and is there after the restart.
     */
    private void leaveServerThatStops() {
        try {
            source.ofSlot().connect().close();
        } catch (CaptureException e) {
            if (e.getCause() instanceof SQLException refusal && Faults.isNotAccepting(refusal)) {
                LOG.info(
                        "Source {}: the server stops; its WAL is not read any more",
                        source.settings().name());
                serverStops.run();
            }
        } catch (SQLException e) {
            tell("a connection did not close: " + e.getMessage());
        }
    }

    private void look() throws CaptureException, SQLException {
        slot.look(slotSide.get());
        Connection current = catalog.get();
        Set<Integer> stillJoining = new HashSet<>();
        List<CapturedTable> all = publications.tables(current);
        tables = all.stream()
                .filter(CapturedTable::captured)
                .map(CapturedTable::name)
                .toList();
        for (CapturedTable table : all) {
            if (!table.inPlace()) {
                place(current, table);
            } else if (table.joining()) {
                stillJoining.add(table.oid());
                join(current, table);
            }
        }
        handedOver.keySet().retainAll(stillJoining);
    }

    private void place(Connection current, CapturedTable table) {
        try {
            if (!publications.place(current, table, true)) {
                return;
            }
            LOG.info(
                    "Source {}: table {} {}",
                    source.settings().name(),
                    table.name(),
                    table.captured() ? "joins" : "leaves");
            if (table.insertsOnly()) {
                tell("UPDATE and DELETE of table " + table.name()
                        + " are not told, as it has no replica identity: give it"
                        + " a primary key, or ALTER TABLE ... REPLICA IDENTITY FULL");
            }
        } catch (SQLException e) {
            tellUnlessOvertaken(table, e);
        }
    }

    private void join(Connection current, CapturedTable table) {
        SnapshotProgress progress = stored.get().snapshot();
        if (progress.tables().stream().anyMatch(table::isReadBy)) {
            try {
                if (publications.joined(current, table)) {
                    joins.joined().add(table.oid());
                }
            } catch (SQLException e) {
                tellUnlessOvertaken(table, e);
            }
        } else if (progress.reading().stream().anyMatch(table::isReadBy)) {
            // Where a restart came in the middle of it, the reader goes on by itself.
            handedOver.put(table.oid(), table.joiningSince());
        } else if (!progress.again().contains(table.oid()) && !isHandedOver(table)) {
            handedOver.put(table.oid(), table.joiningSince());
            joins.ready().add(table.oid());
        }
    }

    private void tellUnlessOvertaken(CapturedTable table, SQLException e) {
        if (Publications.isOvertaken(e)) {
            LOG.debug("Source {}: table {} changed meanwhile", source.settings().name(), table.name(), e);
        } else {
            tell("table " + table.name() + " could not be put into its publication: " + e.getMessage());
        }
    }

    private boolean isHandedOver(CapturedTable table) {
        return Objects.equals(handedOver.get(table.oid()), table.joiningSince());
    }

    private void drop() {
        drop(slotSide);
        drop(catalog);
    }

    private void drop(WatchConnection connection) {
        try {
            connection.drop();
        } catch (SQLException e) {
            tell("its connection did not close: " + e.getMessage());
        }
    }

    /** Each trouble once, or a table that can never join fills the log. */
    private void tell(String trouble) {
        if (told.add(trouble)) {
            LOG.warn("Source {}: {}", source.settings().name(), trouble);
        }
    }
}
