package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the slot on a standby (docs: Logical Decoding on Standby). Publications are made on the primary: the slot begins
 * once the standby knows them.
 */
final class StandbySlot {

    private static final Logger LOG = LoggerFactory.getLogger(StandbySlot.class);
    private static final String REPLAYED = SqlText.load("standby_replayed");
    private static final String LOG_SNAPSHOT = SqlText.load("log_standby_snapshot");
    private static final Duration REPLAYED_WITHIN = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 20;
    private static final long AGAIN_MILLIS = 500;

    private final SourceDatabase primary;
    private final ServerFacts standby;

    StandbySlot(SourceDatabase primary, ServerFacts standby) {
        this.primary = primary;
        this.standby = standby;
    }

    /** @param onStandby a connection to the standby */
    Slot create(Connection onStandby) throws CaptureException {
        try (Connection onPrimary = primary.connect()) {
            awaitReplay(onStandby, ServerFacts.read(onPrimary).walEnd().beforePageHeader());
            tellWithoutFeedback(onStandby);
            try (var snapshots = new Snapshots(onPrimary)) {
                snapshots.start();
                return Slot.create(onStandby, primary.settings().slot(), standby, false);
            }
        } catch (SQLException e) {
            throw Faults.of("The slot could not be made on the standby", e);
        }
    }

    /** Without it the primary vacuums rows of the catalog that the slot needs, and the standby invalidates the slot. */
    private void tellWithoutFeedback(Connection onStandby) throws SQLException {
        try (var statement = onStandby.createStatement();
                var row = statement.executeQuery("SHOW hot_standby_feedback")) {
            row.next();
            if (!row.getString(1).equals("on")) {
                LOG.warn(
                        "Source {}: hot_standby_feedback of the standby is off, and without it the slot will be lost to"
                                + " vacuum on the primary: set it to on, and see that the standby has a replication slot"
                                + " there (primary_slot_name)",
                        primary.settings().name());
            }
        }
    }

    private static void awaitReplay(Connection onStandby, Lsn end) throws CaptureException, SQLException {
        long deadline = System.nanoTime() + REPLAYED_WITHIN.toNanos();
        try (var query = onStandby.prepareStatement(REPLAYED)) {
            query.setString(1, end.toString());
            while (true) {
                try (var row = query.executeQuery()) {
                    row.next();
                    if (row.getBoolean("replayed")) {
                        return;
                    }
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new CaptureException(
                            "The standby of standby.url has not replayed the WAL up to " + end + " within "
                                    + REPLAYED_WITHIN.toSeconds()
                                    + " s: see that it is connected to the primary and has not paused.",
                            true,
                            null);
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CaptureException("Closed while the standby replayed.", true, e);
        }
    }

    /** Has the primary tell the standby which transactions run, again and again until the slot is there. */
    private static final class Snapshots implements AutoCloseable {

        private final Connection onPrimary;
        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread created = new Thread(task, "paillette-standby-snapshots");
            created.setDaemon(true);
            return created;
        });

        Snapshots(Connection onPrimary) {
            this.onPrimary = onPrimary;
        }

        void start() {
            // Ends with close() or its first failure, which the log tells.
            var unused = thread.scheduleWithFixedDelay(this::log, 0, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void log() {
            try (var statement = onPrimary.createStatement()) {
                statement.execute(LOG_SNAPSHOT);
            } catch (SQLException e) {
                if (Faults.isDenied(e)) {
                    LOG.warn(
                            "The slot on the standby begins with what the primary writes of running transactions, which"
                                    + " may take until its next checkpoint: GRANT EXECUTE ON FUNCTION pg_log_standby_snapshot() to"
                                    + " the role of the source, and it begins at once");
                } else {
                    LOG.warn("The primary could not be asked for what the slot on its standby begins with", e);
                }
                thread.shutdown();
            }
        }

        @Override
        public void close() {
            thread.shutdown();
            try {
                if (!thread.awaitTermination(AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    thread.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
