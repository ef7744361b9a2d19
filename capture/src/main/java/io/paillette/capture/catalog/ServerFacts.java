package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.ServerIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * What the server and our role on it allow.
 *
 * @param version  as {@code server_version_num}, 170005 for 17.5
 * @param identity of the server; on a standby without a timeline (0)
 * @param walEnd   where the server's WAL ends; {@link Lsn#NONE} on a standby
 * @param walSenderTimeout after so long without a word the server gives a reader up; zero for never
 */
public record ServerFacts(
        int version,
        String walLevel,
        String database,
        String role,
        boolean inRecovery,
        boolean superuser,
        boolean mayReplicate,
        Usage slots,
        Usage senders,
        ServerIdentity identity,
        Lsn walEnd,
        Duration walSenderTimeout) {

    private static final int OLDEST = 120000;
    private static final int WITH_SLOTS_ON_STANDBYS = 160000;
    private static final int HEX = 16;
    private static final String QUERY = SqlText.load("server_facts");

    /** How much of a server-wide limit is taken. */
    public record Usage(long used, long limit) {
        boolean full() {
            return used >= limit;
        }
    }

    public static ServerFacts read(Connection connection) throws CaptureException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(QUERY)) {
            row.next();
            return new ServerFacts(
                    row.getInt("version"),
                    row.getString("wal_level"),
                    row.getString("database"),
                    row.getString("role"),
                    row.getBoolean("in_recovery"),
                    row.getBoolean("superuser"),
                    row.getBoolean("may_replicate"),
                    new Usage(row.getLong("used_slots"), row.getLong("max_slots")),
                    new Usage(row.getLong("used_senders"), row.getLong("max_senders")),
                    new ServerIdentity(
                            row.getString("system_identifier"), Long.parseLong(row.getString("timeline"), HEX)),
                    Lsn.parse(row.getString("wal_end")),
                    Duration.ofMillis(row.getLong("wal_sender_timeout_ms")));
        } catch (SQLException e) {
            throw Faults.of("The server's settings could not be read", e);
        }
    }

    /** publish_via_partition_root exists (13). */
    public boolean publishesViaRoot() {
        return version >= 130000;
    }

    /**
     * After so long without a word the server is given up; zero for never. It gives up its readers so, but before 16 it may be
     * busy for longer with what it does not send, the rewriting of a large table for example, and would be each time.
     */
    public Duration longestSilence() {
        return version >= 160000 ? walSenderTimeout : walSenderTimeout.multipliedBy(10);
    }

    /** A WAL sender that has met a table does not see that it was attached to one that is published (mended in 15). */
    public boolean leavesOutAttached() {
        return publishesViaRoot() && version < 150000;
    }

    /** Standbys can keep copies of slots (17). */
    public boolean hasFailoverSlots() {
        return version >= 170000;
    }

    /** pgoutput sends logical messages where it is asked to (14). */
    public boolean sendsMessages() {
        return version >= 140000;
    }

    /** A range of places (ctid) is read by itself (14), and not the whole table for it. */
    public boolean readsRangesOfPlaces() {
        return version >= 140000;
    }

    /** publish_generated_columns exists (18). */
    public boolean publishesGeneratedColumns() {
        return version >= 180000;
    }

    /**
     * @param slot        name of ours
     * @param slotExists  it needs no free place
     * @throws CaptureException naming what is missing and what to do
     */
    public void check(String slot, boolean slotExists) throws CaptureException {
        checkServer();
        checkRole();
        checkRoom(slot, slotExists);
    }

    /** @throws CaptureException when it is none that can be captured */
    public void checkServer() throws CaptureException {
        if (version < OLDEST) {
            throw Faults.fatal("Postgres " + version / 10000 + " is too old to capture: upgrade to 12 or newer.");
        }
        if (!walLevel.equals("logical")) {
            throw Faults.fatal("wal_level is " + walLevel + ": run ALTER SYSTEM SET wal_level = 'logical' on the source"
                    + " and restart that server.");
        }
        if (inRecovery) {
            throw Faults.fatal("The source is a standby: give the source's url the primary's address, and that of the"
                    + " standby to standby.url if it is to have the slot.");
        }
    }

    /** @throws CaptureException when the role may not read the WAL */
    public void checkRole() throws CaptureException {
        if (!mayReplicate) {
            throw Faults.fatal("Role " + role + " may not replicate: run ALTER ROLE " + SqlText.identifier(role)
                    + " REPLICATION as a superuser of the source.");
        }
    }

    /**
     * Whether a standby can have the slot.
     *
     * @param primary whose standby it is to be
     * @throws CaptureException naming what is missing and what to do
     */
    public void checkStandby(ServerFacts primary, String slot, boolean slotExists) throws CaptureException {
        if (version < WITH_SLOTS_ON_STANDBYS) {
            throw Faults.fatal("A standby can have the slot from Postgres 16 on, and that of standby.url is "
                    + version / 10000 + ": leave standby.url out.");
        }
        if (!identity.system().equals(primary.identity.system())) {
            throw Faults.fatal("standby.url leads to a server (system identifier " + identity.system()
                    + ") that is no standby of the one that url leads to (" + primary.identity.system() + ").");
        }
        if (!inRecovery) {
            throw Faults.fatal("The server of standby.url is no standby. If it was promoted give its address to url and"
                    + " leave standby.url out: it has the slot.");
        }
        if (!walLevel.equals("logical")) {
            throw Faults.fatal(
                    "wal_level of the standby is " + walLevel + ": set it to logical and restart that server.");
        }
        checkRoom(slot, slotExists);
    }

    private void checkRoom(String slot, boolean slotExists) throws CaptureException {
        if (!slotExists && slots.full()) {
            throw Faults.fatal("All " + slots.limit + " replication slots are taken, so slot " + slot
                    + " cannot be created: drop an unused one or raise max_replication_slots and restart that server.");
        }
        if (!slotExists && senders.full()) {
            throw Faults.fatal("All " + senders.limit + " WAL senders are taken: stop one or raise max_wal_senders and"
                    + " restart that server.");
        }
    }
}
