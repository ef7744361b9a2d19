package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

    private record Of(Question question, int oid) {}

    public Conditions(AskedSource source) {
        this.source = source;
    }

    /**
     * Looks whether a question can be asked of a table's rows.
     *
     * @param kinds of the changes that it is asked of
     * @throws CaptureException saying what is wrong with it, and where
     */
    public void check(Question question, Relation relation, Set<Kind> kinds) throws CaptureException {
        ConditionStatement statement = statement(question, relation);
        evaluate(question, statement, List.of(), RowFailures.NONE_IS_TAKEN);
        boolean updates = kinds.contains(Kind.UPDATE);
        Optional<Column> old = updates ? statement.condition().unknownOldOfUpdates() : Optional.empty();
        if (old.isPresent()) {
            throw unknownOld("The condition of " + question.where().owner(), relation, old.get());
        }
        Optional<Column> ofUpdates = updates ? statement.results().unknownOldOfUpdates() : Optional.empty();
        if (ofUpdates.isPresent()) {
            throw unknownOld(question.named(), relation, ofUpdates.get());
        }
        Optional<Column> ofDeletes =
                kinds.contains(Kind.DELETE) ? statement.results().unknownOfDeletes() : Optional.empty();
        if (ofDeletes.isPresent()) {
            throw unknownResult(question, relation, ofDeletes.get(), "deletes");
        }
        boolean more =
                statement.condition().isMoreThanKey() || statement.results().isMoreThanKey();
        if (more && relation.identity() == Relation.ReplicaIdentity.FULL) {
            requireWholePartitions(question, relation);
        }
    }

    /** Partitions have an identity of their own, and the WAL names the root alone: that of their old rows is then not whole. */
    private void requireWholePartitions(Question question, Relation relation) throws CaptureException {
        try (var query = source.connected().prepareStatement(PARTITIONS)) {
            query.setLong(1, Integer.toUnsignedLong(relation.oid()));
            try (var partition = query.executeQuery()) {
                if (partition.next()) {
                    throw Faults.fatal(question.named() + " reads more than the key of " + relation.name()
                            + ", whose partition " + partition.getString(1)
                            + " has another replica identity, so that its old rows are not whole: run ALTER TABLE "
                            + partition.getString(1) + " REPLICA IDENTITY FULL, and for each other partition too.");
                }
            }
        } catch (SQLException e) {
            throw failed(question, e);
        }
    }

    /**
     * What the condition says of each row, in their order.
     *
     * @param rows all of one shape of one table
     * @throws CaptureException naming the row for which it fails; transient where the source could not be asked
     */
    public List<Decision> decide(SqlCondition condition, List<Row> rows) throws CaptureException {
        return ask(Question.of(condition), rows, RowFailures.NONE_IS_TAKEN).stream()
                .map(Answer::decision)
                .toList();
    }

    /**
     * The same with more to ask, where a row for which that fails may be no reason to stop.
     *
     * @param failures told of each such row, of which the answer then has no meaning
     */
    public List<Answer> ask(Question question, List<Row> rows, RowFailures failures) throws CaptureException {
        List<Answer> answers = new ArrayList<>(rows.size());
        int from = 0;
        while (from < rows.size()) {
            ConditionStatement statement = statement(question, rows.get(from).relation());
            int to = Math.min(rows.size(), from + statement.rowsAtOnce());
            askAtOnce(question, statement, rows.subList(from, to), failures, answers);
            from = to;
        }
        return answers;
    }

    private void askAtOnce(
            Question question, ConditionStatement statement, List<Row> rows, RowFailures failures, List<Answer> answers)
            throws CaptureException {
        List<RowValues> values = rows.stream().map(RowValues::of).toList();
        Answer[] each = new Answer[rows.size()];
        List<RowValues> asked = new ArrayList<>(rows.size());
        for (int i = 0; i < each.length; i++) {
            if (statement.condition().unknown(values.get(i)).isPresent()) {
                each[i] = Answer.UNKNOWN;
            } else if (statement.results().unknown(values.get(i)).isPresent()
                    || statement.results().unknownOld(values.get(i)).isPresent()) {
                each[i] = withoutResults(question, statement, values.get(i), failures);
            } else {
                requireOld(question, statement, values.get(i));
                asked.add(values.get(i));
            }
        }
        List<@Nullable List<@Nullable String>> met =
                asked.isEmpty() ? List.of() : evaluate(question, statement, asked, failures);
        int next = 0;
        for (int i = 0; i < each.length; i++) {
            if (each[i] == null) {
                each[i] = Answer.of(met.get(next++));
            }
        }
        answers.addAll(Arrays.asList(each));
    }

    /** Of what is not known no value can be told; a row that does not meet the condition needs none. */
    private Answer withoutResults(
            Question question, ConditionStatement statement, RowValues values, RowFailures failures)
            throws CaptureException {
        Answer answer = ask(Question.of(question.where()), List.of(values.change()), failures)
                .get(0);
        if (answer.decision() != Decision.MET) {
            return answer;
        }
        Column column = statement
                .results()
                .unknown(values)
                .or(() -> statement.results().unknownOld(values))
                .orElseThrow();
        Relation relation = values.change().relation();
        String change = "the " + values.change().kind().name().toLowerCase(Locale.ROOT) + " of the row with "
                + relation.describe(values.row());
        failures.failed(values.change(), unknownResult(question, relation, column, change));
        return Answer.NOT_MET;
    }

    private static void requireOld(Question question, ConditionStatement statement, RowValues values)
            throws CaptureException {
        Optional<Column> unknown = statement.condition().unknownOld(values);
        if (unknown.isPresent()) {
            throw unknownOld(
                    "The condition of " + question.where().owner(),
                    values.change().relation(),
                    unknown.get());
        }
    }

    private static CaptureException unknownResult(Question question, Relation relation, Column column, String changes) {
        return Faults.fatal(question.named() + " reads " + column.name() + ", which the WAL does not carry for "
                + changes + " of " + relation.name() + ": run ALTER TABLE " + relation.name()
                + " REPLICA IDENTITY FULL, or leave such changes out with operations.");
    }

    private static CaptureException unknownOld(String named, Relation relation, Column column) {
        return Faults.fatal(named + " reads old." + column.name() + ", which the WAL does not carry for updates of "
                + relation.name() + ": run ALTER TABLE " + relation.name() + " REPLICA IDENTITY FULL.");
    }

    /** Where it fails for one of several rows, finds out for which. */
    private List<@Nullable List<@Nullable String>> evaluate(
            Question question, ConditionStatement statement, List<RowValues> rows, RowFailures failures)
            throws CaptureException {
        requireOpen(question);
        try {
            return statement.evaluate(rows);
        } catch (PSQLException e) {
            Optional<CaptureException> none = question.where().fault(e, statement.conditionAt());
            if (none.isPresent()) {
                throw none.get();
            }
            if (source.isClosing()
                    || e.getServerErrorMessage() == null
                    || (Faults.isTransient(e) && !Faults.isCanceled(e))) {
                throw failed(question, e);
            }
            if (rows.isEmpty()) {
                throw notAskable(question, statement.relation(), e);
            }
            // Where it cannot be asked any more, no row is to blame.
            evaluate(question, statement, List.of(), failures);
            if (rows.size() > 1) {
                if (Faults.isCanceled(e)) {
                    statement.tookTooLong(rows.size());
                }
                int half = rows.size() / 2;
                List<@Nullable List<@Nullable String>> met =
                        new ArrayList<>(evaluate(question, statement, rows.subList(0, half), failures));
                met.addAll(evaluate(question, statement, rows.subList(half, rows.size()), failures));
                return met;
            }
            if (Faults.isCanceled(e)) {
                throw tooSlow(question, rows.get(0));
            }
            failures.failed(rows.get(0).change(), failedFor(question, statement, rows.get(0), e));
            return new ArrayList<>(Collections.singletonList(null));
        } catch (SQLException e) {
            throw failed(question, e);
        }
    }

    private void requireOpen(Question question) throws CaptureException {
        if (source.isClosing()) {
            throw new CaptureException(question.named() + " is not asked any more.", true, null);
        }
    }

    private static CaptureException failedFor(
            Question question, ConditionStatement statement, RowValues values, SQLException e) {
        Row change = values.change();
        boolean shown = statement.mayShowValues();
        return new CaptureException(
                question.named() + " fails for the row of "
                        + change.relation().name() + " with "
                        + change.relation().describe(values.row()) + " at LSN " + change.lsn() + ": "
                        + (shown ? e.getMessage() : "SQLSTATE " + Faults.state(e))
                        + ". Correct it so that it holds for such a row too.",
                false,
                shown ? e : null); // whoever tells of a failure tells its causes
    }

    /** Each other row may take as long, and nothing goes on meanwhile. */
    private static CaptureException tooSlow(Question question, RowValues values) {
        Relation relation = values.change().relation();
        return Faults.fatal(question.named() + " is given up by Postgres for the row of " + relation.name() + " with "
                + relation.describe(values.row()) + " alone: it takes more than 20 s, or what it reads is locked for so"
                + " long. Make it cheaper, and see that no lock is held.");
    }

    /** With no rows at all. */
    private CaptureException notAskable(Question question, Relation relation, SQLException e) {
        CaptureException failure = failed(question, e);
        if (Faults.isCanceled(e) && !source.isClosing()) {
            return Faults.fatal(question.named() + " is given up by Postgres with no rows at all"
                    + (relation.tellsAll() ? " (" + e.getMessage() + ")" : "")
                    + ": it takes more than 20 s then, or what it reads is locked for so long. Make it cheaper, and see"
                    + " that no lock is held.");
        }
        if (!failure.isTransient() && !Faults.isUnfit(e) && !relation.tellsAll()) {
            return Faults.fatal(
                    question.named() + " fails with no rows at all: SQLSTATE " + Faults.state(e) + ". Correct it.");
        }
        return failure;
    }

    private CaptureException failed(Question question, SQLException e) {
        source.close();
        statements.clear();
        return Faults.of(question.named() + " could not be asked", e);
    }

    @SuppressWarnings("ReferenceEquality") // a new shape is a new instance
    private ConditionStatement statement(Question question, Relation relation) throws CaptureException {
        var of = new Of(question, relation.oid());
        try {
            Connection connection = source.connected();
            ConditionStatement known = statements.get(of);
            if (known != null && known.relation() == relation && known.connection() == connection) {
                return known;
            }
            if (known != null) {
                known.close();
            }
            question.where().requireOne(); // a table may be there only now, and was looked at by nobody
            for (SqlFragment result : question.results()) {
                requireValue(connection, result, relation);
            }
            var made = new ConditionStatement(connection, question.where().expression(), question.results(), relation);
            statements.put(of, made);
            return made;
        } catch (SQLException e) {
            throw notAskable(question, relation, e);
        }
    }

    /** Asked as a condition it may be neither an aggregate nor a set, of which each row would not have one. */
    private static void requireValue(Connection connection, SqlFragment result, Relation relation)
            throws CaptureException, SQLException {
        result.requireOne();
        String where = result.expression() + "::text IS NULL";
        try (var probe = new ConditionStatement(connection, where, List.of(), relation)) {
            try {
                probe.evaluate(List.of());
            } catch (PSQLException e) {
                throw result.fault(e, probe.conditionAt()).orElseThrow(() -> e);
            }
        }
    }
}
