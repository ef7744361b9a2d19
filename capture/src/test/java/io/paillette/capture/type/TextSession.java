package io.paillette.capture.type;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A session with the settings that capture reads under, which answers with Postgres's own text. */
final class TextSession implements AutoCloseable {

    final Database database = PostgresServer.shared().newDatabase();

    private final Connection connection;

    TextSession() throws SQLException {
        connection = database.connect();
        execute("set datestyle to iso, ymd");
        execute("set timezone to utc");
        execute("set bytea_output to hex");
        execute("set intervalstyle to postgres");
        execute("set extra_float_digits to 3");
    }

    void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    byte[] text(String expression) throws SQLException {
        return string(expression).getBytes(StandardCharsets.UTF_8);
    }

    String string(String expression) throws SQLException {
        String value = nullable(expression);
        if (value == null) {
            throw new IllegalStateException("null: " + expression);
        }
        return value;
    }

    @Nullable
    String nullable(String expression) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("select (" + expression + ")::text")) {
            rows.next();
            return rows.getString(1);
        }
    }

    int version() throws SQLException {
        return Integer.parseInt(string("current_setting('server_version_num')")) / 10_000;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
