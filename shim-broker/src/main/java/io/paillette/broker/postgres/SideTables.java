package io.paillette.broker.postgres;

import io.paillette.broker.log.AbortedTransaction;
import io.paillette.broker.log.AppendGroup;
import io.paillette.broker.log.AppendGroup.Advance;
import io.paillette.broker.log.SideRows;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What changes beside the log in an append's transaction: {@link SideRows}. */
final class SideTables {

    private static final String TAKEN_ALREADY = "PL002"; // raised by take_published_v1

    private final String insertAborted;
    private final String take;

    SideTables(NamedQueries log) {
        this.insertAborted = log.get("insertAborted");
        this.take = NamedQueries.load("inbox.sql").get("take");
    }

    /** Taking published records is part of the statement that appends; the rest is not. */
    boolean needTransaction(AppendGroup group) {
        return group.partitions().stream()
                .anyMatch(partition -> !partition.beside().aborted().isEmpty());
    }

    /** In the transaction in which the log has advanced, as everything here. */
    void insertAborted(Connection connection, AppendGroup group) throws SQLException {
        List<Row<AbortedTransaction>> aborted = rows(group, SideRows::aborted);
        if (aborted.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(insertAborted)) {
            statement.setArray(1, int8(connection, aborted, Row::partitionId));
            statement.setArray(2, int8(connection, aborted, row -> row.of().lastOffset()));
            statement.setArray(3, int8(connection, aborted, row -> row.of().producerId()));
            statement.setArray(4, int8(connection, aborted, row -> row.of().firstOffset()));
            statement.setArray(5, int8(connection, aborted, row -> row.of().stableOffset()));
            statement.executeUpdate();
        }
    }

    /** Fails as {@link #takenAlready} tells. */
    void take(Connection connection, AppendGroup group) throws SQLException {
        if (group.partitions().stream()
                .allMatch(partition -> partition.beside().published().isEmpty())) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(take)) {
            bindPublished(statement, 1, group);
            statement.execute();
        }
    }

    /** Two parameters: the partitions and the numbers of records that were published by SQL. */
    static void bindPublished(PreparedStatement statement, int first, AppendGroup group) throws SQLException {
        List<Row<Long>> published = rows(group, SideRows::published);
        statement.setArray(first, int8(statement.getConnection(), published, Row::partitionId));
        statement.setArray(first + 1, int8(statement.getConnection(), published, Row::of));
    }

    /** The partitions whose published records somebody else took; none if that is not what failed. */
    static List<Long> takenAlready(SQLException failure) {
        ServerErrorMessage message = failure instanceof PSQLException said ? said.getServerErrorMessage() : null;
        if (message == null || message.getDetail() == null || !TAKEN_ALREADY.equals(message.getSQLState())) {
            return List.of();
        }
        return Stream.of(message.getDetail().split(",")).map(Long::valueOf).toList();
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
