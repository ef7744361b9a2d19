package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Objects;

/** Tells by SQLSTATE whether trying again can help (docs: Appendix A, PostgreSQL Error Codes). */
public final class Faults {

    static final String POOLER = "replication does not pass through PgBouncer and its like; give the source's url the"
            + " address of Postgres itself.";

    private Faults() {}

    /** {@code what} says what was tried, as the beginning of a sentence. */
    public static CaptureException of(String what, SQLException cause) {
        return new CaptureException(what + ": " + reason(cause) + advice(cause), isTransient(cause), cause);
    }

    /** A state that only a person can change. */
    public static CaptureException fatal(String message) {
        return new CaptureException(message, false, null);
    }

    /** SQLSTATE, or the empty string where the driver gave none. */
    public static String state(SQLException cause) {
        return Objects.requireNonNullElse(cause.getSQLState(), "");
    }

    /** The server stops, or has not started yet. */
    public static boolean isNotAccepting(SQLException cause) {
        return state(cause).equals("57P03");
    }

    /** The server makes no sense of a name or a value: of an enum's that is called otherwise by now, for example. */
    public static boolean isNotUnderstood(SQLException cause) {
        String state = state(cause);
        return state.startsWith("22")
                || state.startsWith("42")
                || state.equals("XX000"); // the last for what is just dropped
    }

    /** SQL does not fit what there is, or the role: what the server says then is about names, not values. */
    public static boolean isUnfit(SQLException cause) {
        return state(cause).startsWith("42");
    }

    /** The role may not do that. */
    public static boolean isDenied(SQLException cause) {
        return state(cause).equals("42501");
    }

    /** A statement was given up: by {@code statement_timeout}, or because somebody asked for that. */
    public static boolean isCanceled(SQLException cause) {
        return state(cause).equals("57014");
    }

    /** A lock was not to be had within {@code lock_timeout}. */
    public static boolean isLocked(SQLException cause) {
        return state(cause).equals("55P03");
    }

    /** The server, the database or the role has as many connections as it may have. */
    public static boolean isFull(SQLException cause) {
        return state(cause).equals("53300");
    }

    /** The connection is no more: class 08, or ended by the server (57P01, and 57P05 for one that is idle). */
    public static boolean isLost(SQLException cause) {
        return state(cause).startsWith("08") || state(cause).startsWith("57P0");
    }

    /** Trying again may help. */
    public static boolean isTransient(SQLException cause) {
        String state = state(cause);
        if (isPooler(cause)) {
            return false;
        }
        return state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P")
                || isCanceled(cause)
                || state.startsWith("40")
                || state.equals("55006")
                || isLocked(cause);
    }

    /** Postgres knows all that the driver sends at the start of a connection; PgBouncer only what it is told to let pass. */
    private static boolean isPooler(SQLException cause) {
        return String.valueOf(cause.getMessage()).contains("unsupported startup parameter");
    }

    private static String reason(SQLException cause) {
        String message = message(cause).strip().replaceAll("\\s*\\n\\s*", "; ");
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    /** Of a network the driver only says that it did not get through. */
    private static String message(SQLException cause) {
        return cause.getCause() instanceof UnknownHostException unknown
                ? "host " + unknown.getMessage() + " is unknown"
                : String.valueOf(cause.getMessage());
    }

    private static String advice(SQLException cause) {
        if (isPooler(cause)) {
            return "; that is a pooler: " + POOLER;
        }
        String state = state(cause);
        if (state.startsWith("08")) {
            return ". Check the source's url and that the server is running and reachable.";
        }
        if (state.startsWith("28")) {
            return ". Check the source's user and password, and pg_hba.conf on the server.";
        }
        return switch (state) {
            case "3D000" -> ". Create the database or correct the source's url.";
            case "42501" -> ". Grant the role of the source what is missing, or use another role.";
            case "53300" -> ". Raise max_connections or max_wal_senders, or close other connections.";
            case "53400" -> ". Drop an unused slot or raise max_replication_slots.";
            case "58P01" -> ". WAL that is still needed was removed; the source must be read again from the start.";
            default -> ".";
        };
    }
}
