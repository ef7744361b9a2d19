package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Destination;
import io.paillette.broker.feed.Addressed.Verdict;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.filter.Conditions;
import io.paillette.capture.filter.Decision;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Finds out which sequences each event goes to. The conditions of sequences are asked of the source, for all rows of a table
 * that are at hand at once; where nothing can be known of one, the row is told, rather than left out without a word. For one
 * thread.
 */
final class Addressing implements AutoCloseable {

    private final FeedRules rules;
    private final Routes routes;
    private final Conditions conditions;

    Addressing(FeedRules rules, Routes routes) {
        this.rules = rules;
        this.routes = routes;
        this.conditions = new Conditions(rules.capture());
    }

    /**
     * Looks at every table that a sequence names, before the first row comes.
     *
     * @throws CaptureException naming the sequence that cannot be told as it is defined, and why
     */
    void check() throws CaptureException {
        if (rules.sequences().isEmpty()) {
            return;
        }
        List<Relation> tables = Capture.relations(
                rules.capture(), table -> rules.sequences().stream().anyMatch(rule -> rule.names(table)));
        for (SequenceRule rule : rules.sequences()) {
            requireColumns(rule, tables);
        }
        for (Relation table : tables) {
            for (Route route : routes.of(table)) {
                if (route.asks()) {
                    conditions.check(where(route), table, route.takes(Kind.UPDATE));
                }
            }
        }
    }

    /** A column that no table has is misspelt, unless there is no table yet. */
    private static void requireColumns(SequenceRule rule, List<Relation> tables) throws CaptureException {
        List<Relation> own =
                tables.stream().filter(table -> rule.names(table.name())).toList();
        for (String column : rule.shape().columns()) {
            boolean somewhere = own.stream()
                    .flatMap(table -> table.columns().stream())
                    .anyMatch(one -> one.name().equals(column));
            if (!own.isEmpty() && !somewhere) {
                throw new CaptureException(
                        "sequence." + rule.name() + ".columns: no table of the sequence has a column \"" + column
                                + "\"",
                        false,
                        null);
            }
        }
    }

    /** From any thread: whatever is being asked of the source ends soon, as a fault that passes. */
    void cancel() {
        conditions.cancel();
    }

    /** @throws CaptureException transient where the source could not be asked, else naming sequence and row */
    List<Addressed> address(List<CaptureEvent> events) throws CaptureException {
        IdentityHashMap<Route, List<Integer>> questions = new IdentityHashMap<>(); // a route has rows of one shape
        List<List<Destination>> destinations = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            destinations.add(events.get(i) instanceof Row row ? certain(row, i, questions) : List.of());
        }
        for (var question : questions.entrySet()) {
            ask(question.getKey(), question.getValue(), events, destinations);
        }
        var addressed = new ArrayList<Addressed>(events.size());
        for (int i = 0; i < events.size(); i++) {
            addressed.add(new Addressed(events.get(i), destinations.get(i)));
        }
        return addressed;
    }

    private List<Destination> certain(Row row, int index, IdentityHashMap<Route, List<Integer>> questions)
            throws CaptureException {
        List<Destination> certain = new ArrayList<>(1);
        for (Route route : routes.of(row.relation())) {
            if (route.takes(row.kind())) {
                if (route.asks(row.kind())) {
                    questions.computeIfAbsent(route, key -> new ArrayList<>()).add(index);
                } else {
                    certain.add(new Destination(route, Verdict.TOLD));
                }
            }
        }
        return certain;
    }

    private void ask(Route route, List<Integer> indexes, List<CaptureEvent> events, List<List<Destination>> into)
            throws CaptureException {
        List<Row> rows = indexes.stream().map(i -> (Row) events.get(i)).toList();
        IdentityHashMap<Row, CaptureException> failed = new IdentityHashMap<>();
        List<Decision> decisions = route.hasDeadLetters()
                ? conditions.decide(where(route), rows, failed::put)
                : conditions.decide(where(route), rows);
        for (int i = 0; i < decisions.size(); i++) {
            Row row = rows.get(i);
            List<Destination> destinations = into.get(indexes.get(i));
            if (failed.containsKey(row)) {
                destinations.add(new Destination(route, Verdict.FAILED, Optional.of(failed.get(row))));
            } else {
                verdict(decisions.get(i), route, row.kind())
                        .ifPresent(found -> destinations.add(new Destination(route, found)));
            }
        }
    }

    /** Empty: it is not told. A row that is read for the first time, or inserted, was not there before. */
    private static Optional<Verdict> verdict(Decision decision, Route route, Kind kind) {
        return switch (decision) {
            case MET -> Optional.of(Verdict.TOLD);
            case UNKNOWN -> Optional.of(Verdict.UNKNOWN);
            case NOT_MET ->
                Optional.of(Verdict.GONE)
                        .filter(gone -> route.tellsNewestRows() && (kind == Kind.UPDATE || kind == Kind.READ_AGAIN));
        };
    }

    private static SqlCondition where(Route route) {
        return route.rule().orElseThrow().where();
    }

    @Override
    public void close() {
        conditions.close();
    }
}
