package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * An open logical replication stream (docs: Streaming Replication Protocol, START_REPLICATION). Owned by one thread, save
 * {@link #abort}.
 *
 * <p>The driver's blocking read neither answers keepalives nor sends our status while nothing comes. Its
 * {@code readPending} waits on the socket for up to 1 ms and returns the moment a byte arrives, so calling it in a loop
 * costs no latency while changes come.
 */
final class ReplicationConnection implements AutoCloseable {

    /** How late the server may learn what is stored: it only keeps WAL a little longer. */
    private static final int STATUS_MILLIS = 1_000;

    private static final int NOT_ON_THE_SOURCE = 0;

    /** An answer may be on its way for long where the network is slow. */
    private static final int ASKED_BEFORE_GIVEN_UP = 4;

    /**
     * Where the URL names a socket factory of its own, the driver's look waits a millisecond only and costs some 50 us when
     * it is in vain (it throws). A quiet source is then looked at less often: a change may wait for a fiftieth of the time
     * since the one before, and 20 ms at most.
     */
    private static final long QUIET_SHARE = 50;

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Connection connection;
    private final PGReplicationStream stream;
    private final int backendPid;
    private final long askNanos;
    private Lsn confirmed;
    private long lastHeartbeatNanos = System.nanoTime();
    private long lastMessageNanos = System.nanoTime();

    private ReplicationConnection(
            Connection connection, PGReplicationStream stream, int backendPid, Lsn from, Duration silence) {
        this.connection = connection;
        this.stream = stream;
        this.backendPid = backendPid;
        this.confirmed = from;
        this.askNanos = silence.isZero()
                ? Long.MAX_VALUE
                : silence.dividedBy(ASKED_BEFORE_GIVEN_UP).toNanos();
    }

    /**
     * The server is given up after {@link io.paillette.capture.catalog.ServerFacts#longestSilence}.
     *
     * @param from transactions that committed before are not sent
     * @throws SQLException when the server refuses, 55006 when somebody else reads the slot
     */
    static ReplicationConnection open(SlotStream wanted, Lsn from) throws CaptureException, SQLException {
        Connection connection = wanted.source().ofSlot().connectForReplication();
        try {
            var request = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(wanted.slot())
                    .withStartPosition(LogSequenceNumber.valueOf(from.value()))
                    .withAutomaticFlush(false)
                    .withStatusInterval(STATUS_MILLIS, TimeUnit.MILLISECONDS)
                    .withSlotOption("proto_version", "1")
                    .withSlotOption("publication_names", wanted.publications().replace("'", "''"));
            if (wanted.server().sendsMessages()) {
                // Whatever the filter says: an ordinal must mean the same when the filter has been changed.
                request.withSlotOption("messages", true);
            }
            PGReplicationStream stream = request.start();
            Duration silence = wanted.server().longestSilence();
            connection.setNetworkTimeout(Runnable::run, (int) Math.min(silence.toMillis(), Integer.MAX_VALUE));
            int pid = wanted.source().hasStandby()
                    ? NOT_ON_THE_SOURCE
                    : connection.unwrap(PGConnection.class).getBackendPID();
            return new ReplicationConnection(connection, stream, pid, from, silence);
        } catch (SQLException e) {
            try {
                connection.close();
            } catch (SQLException close) {
                e.addSuppressed(close);
            }
            throw e;
        }
    }

    /** Of our WAL sender on the source; 0 where a standby sends. */
    int backendPid() {
        return backendPid;
    }

    /** The next message, or null when none came within a millisecond; within half a second when it has been quiet. */
    @Nullable
    ByteBuffer read() throws SQLException {
        long begunNanos = System.nanoTime();
        ByteBuffer message = stream.readPending();
        if (message != null) {
            lastMessageNanos = System.nanoTime();
        } else if (stream.isClosed()) {
            throw new SQLException("the server ended the stream", "08006");
        } else {
            long now = System.nanoTime();
            if (now - lastHeartbeatNanos >= askNanos) {
                sendStatus();
            }
            long pause = Math.min((now - lastMessageNanos) / QUIET_SHARE, LONGEST_PAUSE_NANOS) - (now - begunNanos);
            if (pause >= SHORTEST_PAUSE_NANOS) {
                LockSupport.parkNanos(pause);
            }
        }
        return message;
    }

    /** Where the last message stands; between transactions, up to where the server has read the WAL for us. */
    Lsn lastReceived() {
        return new Lsn(stream.getLastReceiveLSN().asLong());
    }

    /** The slot still has WAL from there on, before where this stream begins. */
    void keeps(Lsn lsn) {
        confirmed = lsn.compareTo(confirmed) < 0 ? lsn : confirmed;
    }

    /** The server may let go of WAL below; told with the next status. Never goes back: a server might follow. */
    void confirm(Lsn lsn) {
        if (lsn.compareTo(confirmed) > 0) {
            confirmed = lsn;
            LogSequenceNumber number = LogSequenceNumber.valueOf(lsn.value());
            stream.setFlushedLSN(number);
            stream.setAppliedLSN(number);
        }
    }

    /** Keeps the server from giving us up while nothing is read; call as often as you like. */
    void heartbeat() throws SQLException {
        if (System.nanoTime() - lastHeartbeatNanos >= TimeUnit.MILLISECONDS.toNanos(STATUS_MILLIS)) {
            sendStatus();
        }
    }

    /** The server answers it. */
    void sendStatus() throws SQLException {
        stream.forceUpdateStatus();
        lastHeartbeatNanos = System.nanoTime();
    }

    /**
     * Has the server say how far it has read the WAL: the next read need not wait for the next change.
     *
     * @param sinceNanos it matters: the longer, the less a moment does
     */
    void askForPlace(long sinceNanos) throws SQLException {
        if (sinceNanos - lastMessageNanos > 0) {
            lastMessageNanos = sinceNanos;
        }
        sendStatus();
    }

    /** From another thread: makes a read that hangs fail. */
    void abort() throws SQLException {
        connection.abort(Runnable::run);
    }

    /** Closes the socket without waiting for the server to agree: it may still have much to send. */
    @Override
    public void close() throws SQLException {
        connection.abort(Runnable::run);
    }
}
