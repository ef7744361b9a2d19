package io.paillette.broker.postgres;

import java.util.Properties;
import org.postgresql.Driver;

/** The store as psql takes it: {@code postgresql://user@host:port/database} (Postgres docs, libpq connection URIs). */
public record PsqlUri(String user, String host, String port, String database) {

    /** Never has the password. */
    public static PsqlUri of(StoreSettings store) {
        var given = new Properties();
        store.user().ifPresent(user -> given.setProperty("user", user));
        Properties parsed = Driver.parseURL(store.url(), given);
        if (parsed == null) {
            throw new IllegalArgumentException(store + " is not a JDBC URL of Postgres");
        }
        String host = parsed.getProperty("PGHOST");
        return new PsqlUri(
                parsed.getProperty("user", ""),
                host.indexOf(':') < 0 || host.startsWith("[") ? host : "[" + host + "]",
                parsed.getProperty("PGPORT"),
                parsed.getProperty("PGDBNAME", ""));
    }

    @Override
    public String toString() {
        return "postgresql://" + (user.isEmpty() ? "" : user + "@") + host + ":" + port + "/" + database;
    }
}
