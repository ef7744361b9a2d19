package io.paillette.broker.postgres;

import io.paillette.broker.store.StoreException;
import io.paillette.broker.store.StoreException.Fate;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns what the driver reports into what the store's callers can act on. States are those of Postgres docs appendix A. */
final class Faults {

    /** read_only_sql_transaction: a standby until its promotion, or default_transaction_read_only. */
    private static final String READ_ONLY = "25006";

    /** The server says itself that it rolled back, and why asking again may work. */
    private static final Set<String> ROLLED_BACK = Set.of(
            "40001", // serialization_failure
            "40P01", // deadlock_detected
            "55P03", // lock_not_available
            "57014", // query_canceled: the statement timeout
            READ_ONLY, "25P03", // idle_in_transaction_session_timeout, met before COMMIT could be sent
            "25P04", // transaction_timeout: not in force any more once COMMIT runs
            "53000", // insufficient_resources
            "53100", // disk_full
            "53200", // out_of_memory
            "53300", // too_many_connections
            "58000", // system_error
            "58030"); // io_error: of COMMIT it would be a crash

    private Faults() {}

    /** No statement was sent. */
    static StoreException connecting(String doing, SQLException e) {
        return new StoreException(doing + ": " + advice(e), retriable(e) ? Fate.NOT_APPLIED : Fate.REFUSED, e);
    }

    /** A statement of a transaction that was not committed yet, or a read. */
    static StoreException beforeCommit(String doing, SQLException e) {
        return new StoreException(doing + ": " + advice(e), retriable(e) ? Fate.NOT_APPLIED : Fate.REFUSED, e);
    }

    /** COMMIT itself, or a statement that commits on its own. */
    static StoreException committing(String doing, SQLException e) {
        Fate fate = connectionLost(e) ? Fate.UNKNOWN : retriable(e) ? Fate.NOT_APPLIED : Fate.REFUSED;
        return new StoreException(doing + ": " + advice(e), fate, e);
    }

    /** A segment table was dropped between looking for it and using it. */
    static boolean isTableGone(StoreException e) {
        return e.getCause() instanceof SQLException sql && "42P01".equals(sql.getSQLState()); // undefined_table
    }

    /** As the server would say it, had something been written. */
    static SQLException readOnly() {
        return new SQLException("transactions are read-only", READ_ONLY);
    }

    static boolean isReadOnly(SQLException e) {
        return READ_ONLY.equals(e.getSQLState());
    }

    private static boolean connectionLost(SQLException e) {
        String state = state(e);
        return state.isEmpty() || state.startsWith("08") || state.startsWith("57P");
    }

    private static boolean retriable(SQLException e) {
        return connectionLost(e) || ROLLED_BACK.contains(state(e));
    }

    private static String advice(SQLException e) {
        String state = state(e);
        String said = String.valueOf(e.getMessage());
        return switch (state) {
            case "28P01", "28000" ->
                "Postgres refused the login; check the user, the password and pg_hba.conf (" + said + ")";
            case "3D000" -> "there is no such database; create it or correct store.url (" + said + ")";
            case "42501" ->
                "the role may not do this; grant it CREATE on the database, or make it owner of schema paillette ("
                        + said + ")";
            case READ_ONLY ->
                "Postgres is read-only: a standby, or default_transaction_read_only is on; store.url must lead to the"
                        + " primary (" + said + ")";
            case "53100" -> "the disk of Postgres is full; free or add space (" + said + ")";
            case "57014" ->
                "Postgres took longer than the statement timeout; look what keeps it busy or locked (" + said + ")";
            case "53300" -> "Postgres has no connection left; raise max_connections (" + said + ")";
            default ->
                connectionLost(e)
                        ? "Postgres cannot be reached; start it or correct store.url (" + said + ")"
                        : said + " (SQLSTATE " + state + ")";
        };
    }

    /** The pool wraps the driver's exception into a time-out of its own that has no state. */
    private static String state(SQLException e) {
        for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }
}
