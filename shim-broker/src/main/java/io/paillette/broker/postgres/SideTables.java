package io.paillette.broker.postgres;

import io.paillette.broker.log.AbortedTransaction;
import io.paillette.broker.log.AppendGroup;
import io.paillette.broker.log.AppendGroup.Advance;
import io.paillette.broker.log.AppendGroup.Refused;
import io.paillette.broker.log.SideRows;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What changes beside the log in an append's transaction: {@link SideRows}. */
final class SideTables {

    private final String insertAborted;
    private final String takeFromInbox;

    SideTables(NamedQueries log) {
        this.insertAborted = log.get("insertAborted");
        this.takeFromInbox = NamedQueries.load("inbox.sql").get("take");
    }

    static boolean areTouchedBy(AppendGroup group) {
        return group.partitions().stream()
                .anyMatch(partition -> partition.beside().any());
    }

    /** In the transaction in which the log has advanced. Whoever is refused has published records that somebody else took. */
    Refused change(Connection connection, AppendGroup group) throws SQLException {
        List<Row<AbortedTransaction>> aborted = rows(group, SideRows::aborted);
        if (!aborted.isEmpty()) {
            insert(connection, aborted);
        }
        List<Row<Long>> published = rows(group, SideRows::published);
        return new Refused(published.isEmpty() ? List.of() : take(connection, published), List.of());
    }

    private void insert(Connection connection, List<Row<AbortedTransaction>> aborted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insertAborted)) {
            statement.setArray(1, int8(connection, aborted, Row::partitionId));
            statement.setArray(2, int8(connection, aborted, row -> row.of().lastOffset()));
            statement.setArray(3, int8(connection, aborted, row -> row.of().producerId()));
            statement.setArray(4, int8(connection, aborted, row -> row.of().firstOffset()));
            statement.setArray(5, int8(connection, aborted, row -> row.of().stableOffset()));
            statement.executeUpdate();
        }
    }

    private List<Long> take(Connection connection, List<Row<Long>> published) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(takeFromInbox)) {
            statement.setArray(1, int8(connection, published, Row::partitionId));
            statement.setArray(2, int8(connection, published, Row::of));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return List.of((Long[]) row.getArray(1).getArray());
            }
        }
    }

    private static <T> List<Row<T>> rows(AppendGroup group, Function<SideRows, List<T>> some) {
        var rows = new ArrayList<Row<T>>();
        for (Advance partition : group.partitions()) {
            some.apply(partition.beside()).forEach(row -> rows.add(new Row<>(partition.partitionId(), row)));
        }
        return rows;
    }

    private static <T> Array int8(Connection connection, List<T> rows, Function<T, Long> value) throws SQLException {
        return connection.createArrayOf("int8", rows.stream().map(value).toArray(Long[]::new));
    }

    private record Row<T>(long partitionId, T of) {}
}
