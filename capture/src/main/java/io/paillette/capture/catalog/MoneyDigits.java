package io.paillette.capture.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/** How many digits of money are its fraction to who uses the database: asked of the server once, when there is some. */
final class MoneyDigits {

    private static final String QUERY = SqlText.load("money_digits");

    private final Connection connection;
    private int known = -1;

    MoneyDigits(Connection connection) {
        this.connection = connection;
    }

    int get() throws SQLException {
        if (known < 0) {
            try (var statement = connection.createStatement()) {
                boolean rows = statement.execute(QUERY);
                while (!rows) {
                    rows = statement.getMoreResults();
                }
                try (var row = statement.getResultSet()) {
                    row.next();
                    known = row.getInt(1);
                }
            }
        }
        return known;
    }
}
