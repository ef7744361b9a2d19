package io.paillette.broker.postgres;

import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** What a JDBC URL of Postgres says, after pgjdbc's own defaults. */
public record JdbcAddress(String host, String port, String database, String user) {

    /** @throws IllegalArgumentException when pgjdbc does not understand the URL */
    public static JdbcAddress parse(String url, String user) {
        var given = new Properties();
        if (!user.isEmpty()) {
            PGProperty.USER.set(given, user);
        }
        Properties found = Driver.parseURL(url, given);
        if (found == null) {
            throw new IllegalArgumentException("not a JDBC URL of Postgres; it begins with jdbc:postgresql://");
        }
        String who = PGProperty.USER.getOrDefault(found);
        String database = PGProperty.PG_DBNAME.getOrDefault(found);
        return new JdbcAddress(
                String.valueOf(PGProperty.PG_HOST.getOrDefault(found)),
                String.valueOf(PGProperty.PG_PORT.getOrDefault(found)),
                database == null ? String.valueOf(who) : database,
                who == null ? "" : who);
    }

    /** As psql takes it, without a password. */
    public String uri() {
        return "postgresql://" + (user.isEmpty() ? "" : user + "@") + host + ":" + port + "/" + database;
    }
}
