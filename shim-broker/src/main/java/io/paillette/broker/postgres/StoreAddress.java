package io.paillette.broker.postgres;

import java.util.Properties;
import org.postgresql.Driver;

/**
 * How to reach the store.
 *
 * @param url      JDBC URL
 * @param user     empty: as the URL says
 * @param password empty: as the URL says, or none
 */
public record StoreAddress(String url, String user, String password) {

    /** For the driver. */
    Properties properties() {
        var properties = new Properties();
        if (!user.isEmpty()) {
            properties.setProperty("user", user);
        }
        if (!password.isEmpty()) {
            properties.setProperty("password", password);
        }
        return properties;
    }

    /** {@code postgresql://user@host:port/database} as psql takes it; never a password. */
    public String psqlUri() {
        Properties parsed = Driver.parseURL(url, properties());
        if (parsed == null) {
            return "postgresql://";
        }
        String name = parsed.getProperty("user", "");
        return "postgresql://" + (name.isEmpty() ? "" : name + "@") + parsed.getProperty("PGHOST") + ":"
                + parsed.getProperty("PGPORT") + "/" + parsed.getProperty("PGDBNAME");
    }

    @Override
    public String toString() {
        return psqlUri();
    }
}
