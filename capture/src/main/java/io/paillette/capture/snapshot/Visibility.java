package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until other sessions see what a transaction did. The WAL sender can deliver a commit a moment before it is visible
 * (with a synchronous standby, before that standby answered), and the catalog asked too early would know nothing of a
 * table that the transaction created.
 */
public final class Visibility {

    private static final Logger LOG = LoggerFactory.getLogger(Visibility.class);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final String PLACE = SqlText.load("snapshot_place");

    private final Connection connection;
    private final String place;

    public Visibility(Connection connection, ServerFacts server) {
        this.connection = connection;
        this.place = place(server);
    }

    /** The query for a snapshot and a WAL position it contains no commit beyond. */
    static String place(ServerFacts server) {
        return SqlText.fill(
                PLACE,
                Map.of("snapshot", server.version() >= 130000 ? "pg_current_snapshot()" : "txid_current_snapshot()"));
    }

    /** @param xids 32-bit ids of transactions that committed */
    public void await(Collection<Long> xids) throws SQLException, CaptureException {
        if (!isReached(xids, PATIENCE)) {
            throw new CaptureException(
                    "Transactions that committed are still not visible; is a synchronous standby away?", true, null);
        }
    }

    /** Likewise, but only so long; false when they are still not visible. */
    public boolean isReached(Collection<Long> xids, Duration patience) throws SQLException, CaptureException {
        long began = System.nanoTime();
        while (!xids.isEmpty() && !now().seesAll(xids)) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CaptureException("Closed while transactions were waited for to become visible.", true, null);
            }
            long waited = System.nanoTime() - began;
            if (waited > patience.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(Math.max(PAUSE.toNanos(), Math.min(LOOK.toNanos(), waited / 8)));
        }
        return true;
    }

    /** Returns once every transaction has ended that runs now. */
    public void awaitEndOfAll() throws SQLException, CaptureException {
        MvccSnapshot then = now();
        long tellNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!now().isPast(then)) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CaptureException("Closed while transactions that run were waited for.", true, null);
            }
            if (System.nanoTime() > tellNanos) {
                LOG.info("Waiting for transactions that run to end; see xact_start in pg_stat_activity");
                tellNanos = Long.MAX_VALUE;
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    /** Takes out those that a snapshot taken from now on sees. */
    public void forgetVisible(Set<Long> xids) throws SQLException {
        if (!xids.isEmpty()) {
            MvccSnapshot now = now();
            xids.removeIf(now::sees);
        }
    }

    /** What is seen now. */
    public MvccSnapshot now() throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(place)) {
            row.next();
            return MvccSnapshot.parse(row.getString(1));
        }
    }
}
