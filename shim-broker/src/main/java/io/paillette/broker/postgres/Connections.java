package io.paillette.broker.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.paillette.broker.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One pool of connections to the store, for one purpose. */
final class Connections implements AutoCloseable {

    private static final Duration ACQUIRE = Duration.ofSeconds(5);

    private final HikariDataSource pool;
    private final Sessions sessions;
    private final String purpose;
    private final StoreHealth health;
    private final StoreCalls calls;
    private final StoreCalls.Cell counted;

    private Connections(
            HikariDataSource pool, Sessions sessions, String purpose, StoreHealth health, StoreCalls calls) {
        this.pool = pool;
        this.sessions = sessions;
        this.purpose = purpose;
        this.health = health;
        this.calls = calls;
        this.counted = calls.of(purpose);
    }

    /**
     * Does not connect yet.
     *
     * @param sessions        of whoever may be between us and Postgres
     * @param sessionSettings of the server, each as {@code name = value}
     */
    static Connections open(
            StoreSettings settings,
            Sessions sessions,
            StoreHealth health,
            StoreCalls calls,
            String purpose,
            int size,
            String... sessionSettings) {
        var config = new HikariConfig();
        config.setPoolName("paillette-" + purpose);
        config.setJdbcUrl(settings.url());
        settings.user().ifPresent(config::setUsername);
        settings.password().ifPresent(config::setPassword);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(Math.min(1, size));
        config.setConnectionTimeout(ACQUIRE.toMillis());
        config.setInitializationFailTimeout(-1);
        // Named, because the pool asks its first connection for the default and, if that one is cut, never gets
        // another.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.addDataSourceProperty("ApplicationName", "paillette " + purpose);
        // bytea is read in binary only through server-prepared statements; what the URL says goes over this.
        config.addDataSourceProperty("prepareThreshold", sessions == Sessions.OWN ? "1" : "0");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("connectTimeout", "10");
        // Longer than the server's own limit: it fires only when the server is out of reach.
        config.addDataSourceProperty(
                "socketTimeout",
                Long.toString(settings.statementTimeout().plusSeconds(10).toSeconds()));
        if (sessions == Sessions.OWN) {
            config.setConnectionInitSql("SET statement_timeout = "
                    + settings.statementTimeout().toMillis()
                    + "; SET idle_in_transaction_session_timeout = 60000; SET jit = off"
                    + Stream.of(sessionSettings).map(one -> "; SET " + one).collect(Collectors.joining()));
        }
        config.setExceptionOverride(new DemotedServer());
        return new Connections(new HikariDataSource(config), sessions, purpose, health, calls);
    }

    String purpose() {
        return purpose;
    }

    HikariPoolMXBean use() {
        return pool.getHikariPoolMXBean();
    }

    /** The same connections, for a purpose whose faults are counted apart. */
    Connections as(String otherPurpose) {
        return new Connections(pool, sessions, otherPurpose, health, calls);
    }

    /** How many rows to fetch at once, 0 for all: the driver keeps a named statement in the session for its cursor. */
    int fetchSize(int rows) {
        return sessions == Sessions.OWN ? rows : 0;
    }

    /** Whether what a session holds, such as a lock, is still there at the next statement. */
    boolean keepSessions() {
        return sessions == Sessions.OWN;
    }

    /** For as long as the caller likes; what it does meanwhile counts as no call. */
    Connection borrow(String doing) {
        try {
            return acquire(doing);
        } catch (StoreException e) {
            health.failed(purpose, e);
            throw e;
        }
    }

    /** Runs {@code work} with every statement committed on its own. */
    <T> T call(String doing, Work<T> work) {
        return watched(() -> {
            try (Connection connection = acquire(doing)) {
                return work.on(connection);
            } catch (SQLException e) {
                throw Faults.committing(doing, e);
            }
        });
    }

    /** Runs {@code work} in one transaction. Before COMMIT is sent a lost connection proves that nothing was changed. */
    <T> T transaction(String doing, Work<T> work) {
        return watched(() -> {
            try (Connection connection = acquire(doing)) {
                connection.setAutoCommit(false);
                T result;
                try {
                    result = work.on(connection);
                } catch (SQLException e) {
                    throw Faults.beforeCommit(doing, abandon(connection, e));
                }
                connection.commit();
                return result;
            } catch (SQLException e) {
                throw Faults.committing(doing, e);
            }
        });
    }

    private <T> T watched(Supplier<T> work) {
        long since = System.nanoTime();
        try {
            T result = work.get();
            counted.succeeded(System.nanoTime() - since);
            health.succeeded(purpose);
            return result;
        } catch (StoreException e) {
            counted.failed(System.nanoTime() - since);
            health.failed(purpose, e);
            throw e;
        }
    }

    private Connection acquire(String doing) {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            throw Faults.connecting(doing, e);
        }
    }

    private static SQLException abandon(Connection connection, SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }

    @Override
    public void close() {
        pool.close();
    }

    /** What to do with a connection. A {@link StoreException} passes through and rolls back. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }
}
