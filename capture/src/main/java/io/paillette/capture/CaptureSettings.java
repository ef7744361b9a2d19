package io.paillette.capture;

import java.util.List;

/**
 * What to capture and how; already validated.
 *
 * @param name             of the source: names slot and publications by default
 * @param jdbcUrl          {@code jdbc:postgresql://...}, without credentials in logs
 * @param tables           patterns {@code schema.table}, {@code *} matches any run of characters, case-sensitive
 * @param slot             name of the replication slot
 * @param publication      name of the publication of tables that can publish every operation; tables without a replica
 *                         identity go to {@code <publication>_inserts}
 * @param snapshot         whether rows that were there before are read first
 * @param queueBytes       bound of what waits between reader and {@link Capture#poll}
 */
public record CaptureSettings(
        String name,
        String jdbcUrl,
        String user,
        String password,
        List<String> tables,
        String slot,
        String publication,
        SnapshotMode snapshot,
        long queueBytes) {

    public CaptureSettings {
        tables = List.copyOf(tables);
    }

    /** Whether existing rows are read when there is no stored position. */
    public enum SnapshotMode {
        INITIAL,
        NO_DATA
    }

    @Override
    public String toString() {
        return "CaptureSettings[" + name + ", tables=" + tables + ", slot=" + slot + ", publication=" + publication
                + "]";
    }
}
