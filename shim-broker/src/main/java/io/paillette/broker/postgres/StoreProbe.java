package io.paillette.broker.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Looks whether the store can be used at all, before anything is built on it, and says in one sentence why not. */
public final class StoreProbe {

    private static final int OLDEST_MAJOR = 12;
    private static final int CONNECT_SECONDS = 10;

    private StoreProbe() {}

    /** What a person has to change, or empty when the store can be used. Connects once. */
    public static Optional<String> problem(StoreAddress store) {
        Properties properties = store.properties();
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.LOGIN_TIMEOUT.set(properties, CONNECT_SECONDS);
        try (Connection connection = DriverManager.getConnection(store.url(), properties)) {
            int major = connection.getMetaData().getDatabaseMajorVersion();
            if (major < OLDEST_MAJOR) {
                return Optional.of(store + " is Postgres " + major + ": Paillette needs " + OLDEST_MAJOR + " or newer");
            }
            return missingRight(connection, store);
        } catch (SQLException e) {
            return Optional.of(sentence(store, e));
        }
    }

    private static Optional<String> missingRight(Connection connection, StoreAddress store) throws SQLException {
        NamedQueries queries = NamedQueries.load("probe.sql");
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(queries.get("rights"))) {
            row.next();
            if (row.getBoolean("in_recovery")) {
                return Optional.of(store + " is a standby and takes no writes: set store.url to the primary");
            }
            if (!row.getBoolean("may_create") && !row.getBoolean("schema_exists")) {
                return Optional.of("role " + row.getString("role") + " may not create schema paillette in " + store
                        + ": run \"grant create on database " + row.getString("database") + " to "
                        + row.getString("role") + "\"");
            }
            return Optional.empty();
        }
    }

    /** By SQLSTATE (Postgres docs, appendix A). */
    private static String sentence(StoreAddress store, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return switch (state) {
            case "28P01" -> store + " refuses the password: check store.user and store.password";
            case "28000" ->
                store + " refuses this role: check store.user, and pg_hba.conf of the server; it says: "
                        + serverText(e);
            case "3D000" -> "there is no database for " + store + ": create it, or correct store.url";
            case "08001", "08004", "08006" ->
                store + " cannot be reached: check that Postgres runs there, and store.url"
                        + " and the network; the driver says: " + serverText(e);
            case "53300" -> store + " has no connection left: raise max_connections, or close others";
            case "57P03" -> store + " does not take connections yet: wait until it has started, then try again";
            default -> store + " cannot be used: " + serverText(e);
        };
    }

    private static String serverText(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("nothing");
    }
}
