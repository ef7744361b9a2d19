package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Destination;
import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.Addressed.Verdict;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.filter.Answer;
import io.paillette.capture.filter.AskedSource;
import io.paillette.capture.filter.Conditions;
import io.paillette.capture.filter.Decision;
import io.paillette.capture.filter.Enriched;
import io.paillette.capture.filter.Enrichments;
import io.paillette.capture.filter.Question;
import io.paillette.capture.filter.RowFailures;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which sequences each event goes to. The conditions of sequences are asked of the source, for all rows of a table
 * that are at hand at once; where nothing can be known of one, the row is told, rather than left out without a word. For one
 * thread.
 */
final class Addressing implements AutoCloseable {

    private final FeedRules rules;
    private final Routes routes;
    private final Stragglers stragglers;
    private final AskedSource source;
    private final Conditions conditions;
    private final Enrichments enrichments;

    /** An event as far as it is addressed. */
    private record Open(List<Destination> to, List<Refusal> refused) {
        static final Open NOWHERE = new Open(List.of(), List.of());
    }

    Addressing(FeedRules rules, Routes routes, Stragglers stragglers) {
        this.rules = rules;
        this.routes = routes;
        this.stragglers = stragglers;
        this.source = new AskedSource(rules.capture());
        this.conditions = new Conditions(source);
        this.enrichments = new Enrichments(source);
    }

    /**
     * Looks at every table that a sequence names, before the first row comes.
     *
     * @return by the sequences that cannot be told as they are defined: each names the option, and why
     * @throws CaptureException where the source cannot be asked
     */
    List<Refusal> check() throws CaptureException {
        if (rules.sequences().isEmpty()) {
            return List.of();
        }
        var refused = new ArrayList<Refusal>();
        List<Relation> tables = Capture.relations(
                rules.capture(), table -> rules.sequences().stream().anyMatch(rule -> rule.names(table)));
        for (SequenceRule rule : rules.sequences()) {
            missingColumn(rule, tables).ifPresent(refused::add);
        }
        for (Relation table : tables) {
            Routes.Known known = routes.of(table);
            refused.addAll(known.refused());
            for (Route route : known.routes()) {
                check(route, table).ifPresent(refused::add);
            }
        }
        return refused;
    }

    private Optional<Refusal> check(Route route, Relation table) throws CaptureException {
        try {
            if (route.asks() || route.chooses()) {
                conditions.check(
                        question(route),
                        table,
                        Stream.of(Kind.values()).filter(route::takes).collect(Collectors.toSet()));
            }
            if (route.enrichment().isPresent()) {
                enrichments.check(route.enrichment().get(), route.told());
            }
            return Optional.empty();
        } catch (CaptureException e) {
            return Optional.of(refusal(route, e));
        }
    }

    /** @throws CaptureException the cause, where it passes */
    private static Refusal refusal(Route route, CaptureException cause) throws CaptureException {
        if (cause.isTransient()) {
            throw cause;
        }
        return new Refusal(route.rule().orElseThrow(), cause);
    }

    /** A column that no table has is misspelt, unless there is no table yet. */
    private static Optional<Refusal> missingColumn(SequenceRule rule, List<Relation> tables) {
        List<Relation> own =
                tables.stream().filter(table -> rule.names(table.name())).toList();
        for (String column : rule.shape().columns()) {
            boolean somewhere = own.stream()
                    .flatMap(table -> table.columns().stream())
                    .anyMatch(one -> one.name().equals(column));
            if (!own.isEmpty() && !somewhere) {
                return Optional.of(new Refusal(
                        rule,
                        new CaptureException(
                                "sequence." + rule.name() + ".columns: no table of the sequence has a column \""
                                        + column + "\"",
                                false,
                                null)));
            }
        }
        return Optional.empty();
    }

    /** From any thread: whatever is being asked of the source ends soon, as a fault that passes. */
    void cancel() {
        source.cancel();
    }

    /** @throws CaptureException where the source could not be asked; transient */
    List<Addressed> address(List<CaptureEvent> events) throws CaptureException {
        IdentityHashMap<Route, List<Integer>> questions = new IdentityHashMap<>(); // a route has rows of one shape
        List<Open> open = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            open.add(events.get(i) instanceof Row row ? certain(row, i, questions) : Open.NOWHERE);
        }
        for (var question : questions.entrySet()) {
            var unused = ask(question.getKey(), question.getValue(), events, open);
        }
        choose(events, open);
        enrich(events, open);
        var addressed = new ArrayList<Addressed>(events.size());
        for (int i = 0; i < events.size(); i++) {
            addressed.add(
                    new Addressed(events.get(i), open.get(i).to(), open.get(i).refused()));
        }
        return addressed;
    }

    private Open certain(Row row, int index, IdentityHashMap<Route, List<Integer>> questions) {
        List<Destination> certain = new ArrayList<>(1);
        Routes.Known known = routes.of(row);
        for (Route route : known.routes()) {
            // Rows that are read come where the source stands, after all that is told once more.
            boolean now = row.kind().isRead() || stragglers.tells(route.rule(), row.position());
            if (now && route.takes(row.kind())) {
                if (route.asks(row.kind())) {
                    questions.computeIfAbsent(route, key -> new ArrayList<>()).add(index);
                } else {
                    certain.add(new Destination(route, Verdict.TOLD));
                }
            }
        }
        return new Open(certain, new ArrayList<>(known.refused()));
    }

    /** Behind the first change that it refuses the sequence stands, whatever could be said of the others. */
    private Optional<Refusal> ask(Route route, List<Integer> indexes, List<CaptureEvent> events, List<Open> into)
            throws CaptureException {
        List<Row> rows = indexes.stream().map(i -> (Row) events.get(i)).toList();
        AtomicReference<@Nullable Row> failed = new AtomicReference<>();
        try {
            askAtOnce(route, rows, indexes.stream().map(into::get).toList(), failed);
            return Optional.empty();
        } catch (CaptureException e) {
            Refusal refusal = refusal(route, e);
            Row known = failed.get();
            int at = known == null ? rows.size() / 2 : rows.indexOf(known);
            if (at > 0) {
                Optional<Refusal> before = ask(route, indexes.subList(0, at), events, into);
                if (before.isEmpty() && known == null) {
                    return ask(route, indexes.subList(at, rows.size()), events, into);
                }
                refusal = before.orElse(refusal);
            }
            for (int index : indexes.subList(at, rows.size())) {
                into.get(index).refused().add(refusal);
            }
            return Optional.of(refusal);
        }
    }

    /** @param first that it fails for, where there are no dead letters */
    private void askAtOnce(Route route, List<Row> rows, List<Open> into, AtomicReference<@Nullable Row> first)
            throws CaptureException {
        IdentityHashMap<Row, CaptureException> failed = new IdentityHashMap<>();
        RowFailures failures = route.hasDeadLetters()
                ? failed::put
                : (row, e) -> {
                    first.set(row);
                    throw e;
                };
        List<Answer> answers = conditions.ask(question(route), rows, failures);
        List<List<Chosen>> choices = new ArrayList<>(rows.size()); // before anything is addressed: one may fail
        for (int i = 0; i < answers.size(); i++) {
            choices.add(
                    failed.containsKey(rows.get(i)) ? List.of() : chosen(route, rows.get(i), answers.get(i), failures));
        }
        for (int i = 0; i < answers.size(); i++) {
            Row row = rows.get(i);
            List<Chosen> chosen = choices.get(i);
            List<Destination> destinations = into.get(i).to();
            if (failed.containsKey(row)) {
                destinations.add(Destination.failed(route, Objects.requireNonNull(failed.get(row))));
            } else {
                verdict(answers.get(i).decision(), route, row.kind())
                        .ifPresent(found -> destinations.add(new Destination(route, found).with(chosen)));
            }
        }
    }

    /** None where nothing was asked, or an update is told as a delete and an insert. */
    private static List<Chosen> chosen(Route route, Row row, Answer answer, RowFailures failures)
            throws CaptureException {
        if (answer.results().isEmpty() || parts(row, route).size() > 1) {
            return List.of();
        }
        try {
            return List.of(chosen(route, row, answer));
        } catch (CaptureException e) {
            failures.failed(row, e);
            return List.of();
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

    /** Of what is told, and was not asked with a condition. */
    private void choose(List<CaptureEvent> events, List<Open> into) throws CaptureException {
        for (var question :
                told(into, to -> to.route().chooses() && to.chosen().isEmpty()).entrySet()) {
            choose(question.getKey(), question.getValue(), events, into);
        }
    }

    private void choose(Route route, List<Integer> indexes, List<CaptureEvent> events, List<Open> into)
            throws CaptureException {
        List<List<Row>> each =
                indexes.stream().map(i -> parts((Row) events.get(i), route)).toList();
        List<Row> all = each.stream().flatMap(List::stream).toList();
        IdentityHashMap<Row, CaptureException> failed = new IdentityHashMap<>();
        List<Answer> answers;
        try {
            answers = conditions.ask(question(route).ofAll(), all, failed::put);
        } catch (CaptureException e) {
            Refusal refusal = refusal(route, e); // of the expressions themselves
            indexes.forEach(index -> refuse(route, refusal, into.get(index)));
            return;
        }
        Iterator<Answer> answer = answers.iterator();
        for (int i = 0; i < each.size(); i++) {
            var chosen = new ArrayList<Chosen>();
            Optional<CaptureException> failure = Optional.empty();
            for (Row part : each.get(i)) {
                Answer said = answer.next();
                try {
                    if (failed.containsKey(part)) {
                        throw Objects.requireNonNull(failed.get(part));
                    }
                    chosen.add(chosen(route, part, said));
                } catch (CaptureException e) {
                    failure = Optional.of(e);
                }
            }
            settle(route, into.get(indexes.get(i)), failure, to -> to.with(chosen));
        }
    }

    /** An update that changes its key is told as a delete and an insert. */
    private static List<Row> parts(Row row, Route route) {
        Tuple before = row.before();
        Tuple after = row.after();
        if (before == null
                || after == null
                || !ChangeRecords.changesKey(row.kind(), route.told(), before, row.beforeIsKeyOnly(), after)) {
            return List.of(row);
        }
        return List.of(row.as(Kind.DELETE, before, null), row.as(Kind.INSERT, null, after.filledFrom(before)));
    }

    private static Chosen chosen(Route route, Row row, Answer answer) throws CaptureException {
        SequenceRule rule = route.rule().orElseThrow();
        try {
            return Chosen.of(rule.processing().choice(), answer.results());
        } catch (IllegalArgumentException e) {
            Tuple known = row.after() == null ? row.before() : row.after();
            // The value may be made of one that is not to be told, and whoever tells of a failure tells its causes.
            boolean shown = row.relation().tellsAll() && route.told().tellsAll();
            throw new CaptureException(
                    "sequence." + rule.name() + ".route.partition fails for the row of "
                            + row.relation().name()
                            + (known == null ? "" : " with " + row.relation().describe(known)) + " at LSN " + row.lsn()
                            + ": " + (shown ? e.getMessage() : "its value" + Chosen.NO_PARTITION)
                            + ". Correct it so that it holds for such a row too.",
                    false,
                    shown ? e : null);
        }
    }

    private static IdentityHashMap<Route, List<Integer>> told(List<Open> open, Predicate<Destination> asks) {
        IdentityHashMap<Route, List<Integer>> told = new IdentityHashMap<>();
        for (int i = 0; i < open.size(); i++) {
            for (Destination to : open.get(i).to()) {
                if (to.isTold() && asks.test(to)) {
                    told.computeIfAbsent(to.route(), key -> new ArrayList<>()).add(i);
                }
            }
        }
        return told;
    }

    private static void settle(
            Route route, Open open, Optional<CaptureException> failure, UnaryOperator<Destination> otherwise)
            throws CaptureException {
        if (failure.isPresent() && !route.hasDeadLetters()) {
            refuse(route, refusal(route, failure.get()), open);
            return;
        }
        UnaryOperator<Destination> settled =
                failure.isPresent() ? to -> Destination.failed(route, failure.get()) : otherwise;
        open.to().replaceAll(to -> isOf(to, route) ? settled.apply(to) : to);
    }

    /** Only what is told: of rows that a condition leaves out nobody wants to know more. */
    private void enrich(List<CaptureEvent> events, List<Open> into) throws CaptureException {
        for (var question :
                told(into, to -> to.route().enrichment().isPresent()).entrySet()) {
            enrich(question.getKey(), question.getValue(), events, into);
        }
    }

    private void enrich(Route route, List<Integer> indexes, List<CaptureEvent> events, List<Open> into)
            throws CaptureException {
        List<Row> rows = indexes.stream()
                .map(i -> ((Row) events.get(i)).of(route.told()))
                .toList();
        IdentityHashMap<Row, CaptureException> failed = new IdentityHashMap<>();
        Enriched found;
        try {
            found = enrichments.find(route.enrichment().orElseThrow(), rows, failed::put);
        } catch (CaptureException e) {
            Refusal refusal = refusal(route, e); // of the query itself
            indexes.forEach(index -> refuse(route, refusal, into.get(index)));
            return;
        }
        for (int i = 0; i < rows.size(); i++) {
            Optional<CaptureException> failure = Optional.ofNullable(failed.get(rows.get(i)));
            settle(route, into.get(indexes.get(i)), failure, to -> to.with(found));
        }
    }

    private static void refuse(Route route, Refusal refusal, Open open) {
        open.to().removeIf(to -> isOf(to, route));
        open.refused().add(refusal);
    }

    @SuppressWarnings("ReferenceEquality") // one for each table and sequence
    private static boolean isOf(Destination to, Route route) {
        return to.route() == route;
    }

    private static Question question(Route route) {
        return route.rule().orElseThrow().question();
    }

    @Override
    public void close() {
        source.close();
    }
}
