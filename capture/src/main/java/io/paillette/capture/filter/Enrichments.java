package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Faults;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * Asks the source what belongs to rows at hand, by queries that find it by the keys of their messages. What is found is as the source
 * is then, which may be later than the row's change. For one thread.
 */
public final class Enrichments {

    private final AskedSource source;
    private final Map<Of, EnrichmentStatement> statements = new HashMap<>();

    private record Of(Enrichment enrichment, int oid) {}

    /**
     * What is found, and why nothing can be said of a key.
     *
     * @param asked of each key a row that has it
     */
    private record Finding(
            Map<RowKey, Row> asked, Map<RowKey, List<@Nullable String>> found, Map<RowKey, Failure> failed) {}

    /** @param cause null also where it would show values that are not to be told: whoever tells of a failure tells its causes */
    private record Failure(String what, @Nullable SQLException cause) {}

    private static final Failure AMBIGUOUS = new Failure(
            "it finds more than one row of that key, of which only one could be told: aggregate them (GROUP BY, json_agg),"
                    + " or leave all but one out (DISTINCT ON)",
            null);

    public Enrichments(AskedSource source) {
        this.source = source;
    }

    /**
     * Looks whether a query can be asked for a table's rows.
     *
     * @throws CaptureException saying what is wrong with it, and where
     */
    public void check(Enrichment enrichment, Relation relation) throws CaptureException {
        statement(enrichment, relation);
    }

    /**
     * What the query finds for each of them.
     *
     * @param rows     all of one shape of one table, which has a key, as the messages have it
     * @param failures told of each row for which it fails
     * @throws CaptureException where the source could not be asked, or not this
     */
    public Enriched find(Enrichment enrichment, List<Row> rows, RowFailures failures) throws CaptureException {
        var finding = new Finding(new LinkedHashMap<>(), new HashMap<>(), new HashMap<>());
        for (Row row : rows) {
            keys(row).forEach(key -> finding.asked().putIfAbsent(key, row));
        }
        EnrichmentStatement statement = statement(enrichment, rows.get(0).relation());
        List<RowKey> all = List.copyOf(finding.asked().keySet());
        int from = 0;
        while (from < all.size()) {
            int to = Math.min(all.size(), from + statement.keysAtOnce());
            find(enrichment, statement, all.subList(from, to), finding);
            from = to;
        }
        if (!finding.failed().isEmpty()) {
            for (Row row : rows) {
                for (RowKey key : keys(row)) {
                    Failure failure = finding.failed().get(key);
                    if (failure != null) {
                        failures.failed(row, failedFor(enrichment, row, failure));
                        break;
                    }
                }
            }
        }
        return new Enriched(statement.columns(), finding.found());
    }

    /** Of an update that changes its key there are records with the old one and the new one. */
    private static List<RowKey> keys(Row row) {
        Relation relation = row.relation();
        Tuple before = row.before();
        Tuple after = row.after();
        List<RowKey> keys = new ArrayList<>(1);
        if (after == null || row.kind() == Kind.UPDATE) {
            RowKey.of(relation, before).ifPresent(keys::add);
        }
        if (after != null) {
            Tuple filled = before == null ? after : after.filledFrom(before);
            RowKey.of(relation, filled).filter(key -> !keys.contains(key)).ifPresent(keys::add);
        }
        return keys;
    }

    /** Where it fails for one of several keys, finds out for which. */
    private void find(Enrichment enrichment, EnrichmentStatement statement, List<RowKey> keys, Finding into)
            throws CaptureException {
        requireOpen(enrichment);
        try {
            EnrichmentStatement.Answer answer = statement.find(enrichment, keys);
            if (answer.isCut() && keys.size() > 1) {
                findEachHalf(enrichment, statement, keys, into);
                return;
            }
            for (int i = 0; i < keys.size(); i++) {
                List<@Nullable String> texts = answer.found().get(i);
                if (texts != null && !answer.ambiguous().contains(i)) {
                    into.found().put(keys.get(i), texts);
                }
            }
            for (int ambiguous : answer.ambiguous()) {
                if (keys.size() == 1) {
                    into.failed().put(keys.get(ambiguous), AMBIGUOUS);
                } else {
                    // Among others it may have their rows too: 1.0 and 1.00 are one number, and two keys.
                    find(enrichment, statement, List.of(keys.get(ambiguous)), into);
                }
            }
        } catch (PSQLException e) {
            if (source.isClosing()
                    || e.getServerErrorMessage() == null
                    || (Faults.isTransient(e) && !Faults.isCanceled(e))) {
                throw failed(enrichment, e);
            }
            requireAskable(enrichment, statement);
            if (keys.size() == 1) {
                if (Faults.isCanceled(e)) {
                    throw tooSlow(
                            enrichment, Objects.requireNonNull(into.asked().get(keys.get(0))));
                }
                into.failed()
                        .put(
                                keys.get(0),
                                statement.mayShowValues()
                                        ? new Failure(String.valueOf(e.getMessage()), e)
                                        : new Failure("SQLSTATE " + Faults.state(e), null));
                return;
            }
            if (Faults.isCanceled(e)) {
                statement.tookTooLong(keys.size());
            }
            findEachHalf(enrichment, statement, keys, into);
        } catch (SQLException e) {
            throw failed(enrichment, e);
        }
    }

    private void findEachHalf(Enrichment enrichment, EnrichmentStatement statement, List<RowKey> keys, Finding into)
            throws CaptureException {
        int half = keys.size() / 2;
        find(enrichment, statement, keys.subList(0, half), into);
        find(enrichment, statement, keys.subList(half, keys.size()), into);
    }

    /** It was, when the statement was made: where it is not any more, no key is to blame. */
    private void requireAskable(Enrichment enrichment, EnrichmentStatement statement) throws CaptureException {
        requireOpen(enrichment);
        Relation relation = statement.relation();
        try {
            statement.find(enrichment, List.of());
        } catch (SQLException e) {
            CaptureException failure = notAskable(enrichment, relation, e);
            if (Faults.isNotUnderstood(e)) {
                statement(enrichment, relation); // anew it says where it is wrong
            }
            throw failure;
        }
    }

    /** With no keys at all. */
    private CaptureException notAskable(Enrichment enrichment, Relation relation, SQLException e) {
        CaptureException failure = failed(enrichment, e);
        String named = enrichment.query().named();
        if (Faults.isCanceled(e) && !source.isClosing()) {
            return Faults.fatal(named + " is given up by Postgres with no keys at all"
                    + (relation.tellsAll() ? " (" + e.getMessage() + ")" : "")
                    + ": it takes more than 20 s then, or what it reads is locked for so long. Make it read no more than"
                    + " the rows of its keys, and see that no lock is held.");
        }
        if (!failure.isTransient() && !Faults.isUnfit(e) && !relation.tellsAll()) {
            return Faults.fatal(named + " fails with no keys at all: SQLSTATE " + Faults.state(e) + ". Correct it.");
        }
        return failure;
    }

    /** Each other key may take as long, and nothing goes on meanwhile. */
    private static CaptureException tooSlow(Enrichment enrichment, Row row) {
        return Faults.fatal(enrichment.query().named() + " is given up by Postgres for " + named(row)
                + " alone: it takes more than 20 s, or what it reads is locked for so long. Make it read no more than the"
                + " rows of its keys, with an index on them, and see that no lock is held.");
    }

    private void requireOpen(Enrichment enrichment) throws CaptureException {
        if (source.isClosing()) {
            throw new CaptureException(enrichment.query().named() + " is not asked any more.", true, null);
        }
    }

    private static CaptureException failedFor(Enrichment enrichment, Row row, Failure failure) {
        return new CaptureException(
                enrichment.query().named() + " fails for " + named(row) + " at LSN " + row.lsn() + ": " + failure.what()
                        + ". Correct it so that it works for such a row too.",
                false,
                failure.cause());
    }

    private static String named(Row row) {
        Tuple known = row.after() == null ? row.before() : row.after();
        return "the row of " + row.relation().name()
                + (known == null ? "" : " with " + row.relation().describe(known));
    }

    private CaptureException failed(Enrichment enrichment, SQLException e) {
        source.close();
        statements.clear();
        return Faults.of(enrichment.query().named() + " could not be asked", e);
    }

    @SuppressWarnings("ReferenceEquality") // a new shape is a new instance
    private EnrichmentStatement statement(Enrichment enrichment, Relation relation) throws CaptureException {
        requireOpen(enrichment);
        var of = new Of(enrichment, relation.oid());
        try {
            Connection connection = source.connected();
            EnrichmentStatement known = statements.get(of);
            if (known != null && known.relation() == relation && known.connection() == connection) {
                return known;
            }
            if (known != null) {
                known.close();
            }
            enrichment.query().requireOne(); // a table may be there only now, and was looked at by nobody
            var made = new EnrichmentStatement(connection, enrichment, relation);
            statements.put(of, made);
            return made;
        } catch (SQLException e) {
            throw notAskable(enrichment, relation, e);
        }
    }
}
