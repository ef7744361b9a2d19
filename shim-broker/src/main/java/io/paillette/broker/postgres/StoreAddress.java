package io.paillette.broker.postgres;

import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.Driver;

/**
 * How to reach a database.
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

    /** {@code postgresql://user@host:port,host:port/database} as psql takes it; never a password. */
    public String psqlUri() {
        Properties parsed = parsed();
        String name = parsed.getProperty("user", "");
        String[] hosts = parsed.getProperty("PGHOST").split(",", -1);
        String[] ports = parsed.getProperty("PGPORT").split(",", -1);
        String servers = IntStream.range(0, hosts.length)
                .mapToObj(i -> hosts[i] + ":" + ports[i])
                .collect(Collectors.joining(","));
        return "postgresql://" + (name.isEmpty() ? "" : name + "@") + servers + "/" + database();
    }

    /** Name of the database; as in Postgres the role's when the URL names none. */
    public String database() {
        Properties parsed = parsed();
        return parsed.getProperty("PGDBNAME", parsed.getProperty("user", ""));
    }

    private Properties parsed() {
        Properties parsed = Driver.parseURL(url, properties());
        if (parsed == null) {
            throw new IllegalArgumentException("url: not one of Postgres; it begins with jdbc:postgresql://");
        }
        return parsed;
    }

    @Override
    public String toString() {
        return psqlUri();
    }
}
