package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.util.PSQLException;

/**
 * Asks the source which rows meet a condition: any SQL, over the row's columns, those of {@code new} (NULL for a delete) and
 * those of {@code old} (NULL for an insert and a read). A name without a prefix is that of the new row, or of the old one where
 * the row was deleted. For one thread.
 */
public final class Conditions {

    private static final String PARTITIONS = SqlText.load("partitions_not_full");

    private final AskedSource source;
    private final Map<Of, ConditionStatement> statements = new HashMap<>();

    private record Of(SqlCondition condition, int oid) {}

    public Conditions(AskedSource source) {
        this.source = source;
    }

    /**
     * Looks whether a condition can be asked of a table's rows.
     *
     * @param updates whether updates are among the changes that it is asked of
     * @throws CaptureException saying what is wrong with it, and where
     */
    public void check(SqlCondition condition, Relation relation, boolean updates) throws CaptureException {
        condition.requireOne();
        ConditionStatement statement = statement(condition, relation);
        evaluate(condition, statement, List.of(), RowFailures.NONE_IS_TAKEN);
        Optional<Column> unknown = updates ? statement.unknownOldOfUpdates() : Optional.empty();
        if (unknown.isPresent()) {
            throw unknownOld(condition, relation, unknown.get());
        }
        if (statement.readsMoreThanKey() && relation.identity() == Relation.ReplicaIdentity.FULL) {
            requireWholePartitions(condition, relation);
        }
    }

    /** Partitions have an identity of their own, and the WAL names the root alone: that of their old rows is then not whole. */
    private void requireWholePartitions(SqlCondition condition, Relation relation) throws CaptureException {
        try (var query = source.connected().prepareStatement(PARTITIONS)) {
            query.setLong(1, Integer.toUnsignedLong(relation.oid()));
            try (var partition = query.executeQuery()) {
                if (partition.next()) {
                    throw Faults.fatal("The condition of " + condition.owner() + " reads more than the key of "
                            + relation.name() + ", whose partition " + partition.getString(1)
                            + " has another replica identity, so that its old rows are not whole: run ALTER TABLE "
                            + partition.getString(1) + " REPLICA IDENTITY FULL, and for each other partition too.");
                }
            }
        } catch (SQLException e) {
            throw failed(condition, e);
        }
    }

    /**
     * What the condition says of each row, in their order.
     *
     * @param rows all of one shape of one table
     * @throws CaptureException naming the row for which it fails; transient where the source could not be asked
     */
    public List<Decision> decide(SqlCondition condition, List<Row> rows) throws CaptureException {
        return decide(condition, rows, RowFailures.NONE_IS_TAKEN);
    }

    /**
     * The same, where a row for which the condition fails is no reason to stop.
     *
     * @param failures told of each such row, of which the decision then has no meaning
     */
    public List<Decision> decide(SqlCondition condition, List<Row> rows, RowFailures failures) throws CaptureException {
        List<Decision> decisions = new ArrayList<>(rows.size());
        int from = 0;
        while (from < rows.size()) {
            ConditionStatement statement = statement(condition, rows.get(from).relation());
            int to = Math.min(rows.size(), from + statement.rowsAtOnce());
            decideAtOnce(condition, statement, rows.subList(from, to), failures, decisions);
            from = to;
        }
        return decisions;
    }

    private void decideAtOnce(
            SqlCondition condition,
            ConditionStatement statement,
            List<Row> rows,
            RowFailures failures,
            List<Decision> decisions)
            throws CaptureException {
        List<RowValues> values = rows.stream().map(RowValues::of).toList();
        Decision[] each = new Decision[rows.size()];
        List<RowValues> asked = new ArrayList<>(rows.size());
        for (int i = 0; i < each.length; i++) {
            if (statement.unknown(values.get(i)).isPresent()) {
                each[i] = Decision.UNKNOWN;
            } else {
                requireOld(condition, statement, values.get(i));
                asked.add(values.get(i));
            }
        }
        boolean[] met = asked.isEmpty() ? new boolean[0] : evaluate(condition, statement, asked, failures);
        int next = 0;
        for (int i = 0; i < each.length; i++) {
            if (each[i] == null) {
                each[i] = met[next++] ? Decision.MET : Decision.NOT_MET;
            }
        }
        decisions.addAll(Arrays.asList(each));
    }

    private static void requireOld(SqlCondition condition, ConditionStatement statement, RowValues values)
            throws CaptureException {
        Optional<Column> unknown = statement.unknownOld(values);
        if (unknown.isPresent()) {
            throw unknownOld(condition, values.change().relation(), unknown.get());
        }
    }

    private static CaptureException unknownOld(SqlCondition condition, Relation relation, Column column) {
        return Faults.fatal("The condition of " + condition.owner() + " reads old." + column.name()
                + ", which the WAL does not carry for updates of " + relation.name() + ": run ALTER TABLE "
                + relation.name() + " REPLICA IDENTITY FULL.");
    }

    /** Where it fails for one of several rows, finds out for which. */
    private boolean[] evaluate(
            SqlCondition condition, ConditionStatement statement, List<RowValues> rows, RowFailures failures)
            throws CaptureException {
        if (source.isClosing()) {
            throw new CaptureException("The condition of " + condition.owner() + " is not asked any more.", true, null);
        }
        try {
            return statement.evaluate(rows);
        } catch (PSQLException e) {
            Optional<CaptureException> none = condition.fault(e, statement.conditionAt());
            if (none.isPresent()) {
                throw none.get();
            }
            if (source.isClosing()
                    || e.getServerErrorMessage() == null
                    || (Faults.isTransient(e) && !Faults.isCanceled(e))) {
                throw failed(condition, e);
            }
            if (rows.size() > 1) {
                if (Faults.isCanceled(e)) {
                    statement.tookTooLong(rows.size());
                }
                return inHalves(condition, statement, rows, failures);
            }
            if (rows.isEmpty()) {
                throw failed(condition, e);
            }
            failures.failed(rows.get(0).change(), failedFor(condition, statement, rows.get(0), e));
            return new boolean[1];
        } catch (SQLException e) {
            throw failed(condition, e);
        }
    }

    private boolean[] inHalves(
            SqlCondition condition, ConditionStatement statement, List<RowValues> rows, RowFailures failures)
            throws CaptureException {
        int half = rows.size() / 2;
        boolean[] first = evaluate(condition, statement, rows.subList(0, half), failures);
        boolean[] second = evaluate(condition, statement, rows.subList(half, rows.size()), failures);
        boolean[] met = Arrays.copyOf(first, rows.size());
        System.arraycopy(second, 0, met, half, second.length);
        return met;
    }

    private static CaptureException failedFor(
            SqlCondition condition, ConditionStatement statement, RowValues values, SQLException e) {
        Row change = values.change();
        return new CaptureException(
                "The condition of " + condition.owner() + " fails for the row of "
                        + change.relation().name() + " with "
                        + change.relation().describe(values.row()) + " at LSN " + change.lsn() + ": "
                        + (statement.mayShowValues() ? e.getMessage() : "SQLSTATE " + Faults.state(e))
                        + ". Correct it so that it holds for such a row too.",
                false,
                e);
    }

    private CaptureException failed(SqlCondition condition, SQLException e) {
        source.close();
        statements.clear();
        return Faults.of("The condition of " + condition.owner() + " could not be asked", e);
    }

    @SuppressWarnings("ReferenceEquality") // a new shape is a new instance
    private ConditionStatement statement(SqlCondition condition, Relation relation) throws CaptureException {
        var of = new Of(condition, relation.oid());
        try {
            ConditionStatement known = statements.get(of);
            Connection connection = source.connected();
            if (known != null && known.relation() == relation && known.connection() == connection) {
                return known;
            }
            if (known != null) {
                known.close();
            }
            var made = new ConditionStatement(connection, condition, relation);
            statements.put(of, made);
            return made;
        } catch (SQLException e) {
            throw failed(condition, e);
        }
    }
}
