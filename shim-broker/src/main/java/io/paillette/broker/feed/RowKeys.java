package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.capture.Capture;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.filter.KeysByCondition;
import io.paillette.capture.type.BadValueException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the row that meets a condition, by the key that the records of its topic have. */
record RowKeys(FeedRules rules, String topic) {

    /** As many as are named where there is more than one. */
    private static final int NAMED = 3;

    private record Told(Relation relation, Route route) {}

    /**
     * @param table whose row it is; empty where the topic tells one alone
     * @throws RefusedException unless there is exactly one, whose records have a key that can be known
     */
    byte[] of(Optional<String> table, String condition) throws RefusedException {
        if (condition.isBlank()) {
            throw new RefusedException(
                    Why.INVALID, "the condition is empty: write SQL over a row's columns, as id = 42");
        }
        try {
            Told told = told(table);
            requireOwnKey(told);
            var asked =
                    new KeysByCondition(rules.capture(), told.route().told(), new SqlCondition("the row", condition));
            return one(told, asked.find(NAMED + 1));
        } catch (CaptureException e) {
            throw new RefusedException(
                    e.isTransient() ? Why.UNAVAILABLE : Why.INVALID, String.valueOf(e.getMessage()), e);
        } catch (BadValueException e) {
            throw new RefusedException(Why.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    /** Each table that is looked at costs a question. */
    private boolean mayBeTold(TableName table) {
        return SequenceNames.topicOf(rules.capture().name(), table).equals(topic)
                || rules.sequences().stream().anyMatch(rule -> rule.topic().equals(topic) && rule.names(table));
    }

    private Told told(Optional<String> table) throws RefusedException, CaptureException {
        var routes = new Routes(rules);
        List<Told> all = new ArrayList<>();
        for (Relation relation : Capture.relations(rules.capture(), this::mayBeTold)) {
            routes.of(relation).routes().stream()
                    .filter(route -> route.topic().equals(topic))
                    .forEach(route -> all.add(new Told(relation, route)));
        }
        String names = all.stream()
                .map(told -> told.relation().name().toString())
                .sorted()
                .collect(Collectors.joining(", "));
        if (all.isEmpty()) {
            throw new RefusedException(
                    Why.INVALID,
                    "topic " + topic + " tells no table of source "
                            + rules.capture().name() + " now: give the row by its key (--key)");
        }
        if (table.isEmpty() && all.size() > 1) {
            throw new RefusedException(
                    Why.INVALID,
                    "topic " + topic + " tells " + all.size() + " tables: say which with table (--table): " + names);
        }
        return all.stream()
                .filter(told ->
                        table.isEmpty() || told.relation().name().toString().equals(table.get()))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        Why.INVALID, "topic " + topic + " tells no table " + table.orElse("") + "; it tells " + names));
    }

    /** What else makes keys makes them of changes, and there is none here. */
    private void requireOwnKey(Told told) throws RefusedException {
        Route route = told.route();
        String option =
                "sequence." + route.rule().map(FeedRules.SequenceRule::name).orElse("") + ".";
        Optional<String> other = Optional.empty();
        if (route.rule().isPresent()
                && route.rule().get().processing().choice().key().isPresent()) {
            other = Optional.of(option + "route.key");
        } else if (route.callsFunctions()) {
            other = Optional.of(option + "functions");
        } else if (route.hasChain()) {
            other = Optional.of(option + "transforms");
        }
        if (other.isPresent()) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "the keys of topic " + topic + " may be made by " + other.get()
                            + ", so which records are of a row is not known: give the key that they have (--key)");
        }
        if (route.told().key().isEmpty()) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "table " + told.relation().name()
                            + " has no key, so which records are of a row is not known: give an offset, a time or an LSN");
        }
    }

    private byte[] one(Told told, List<Tuple> found) throws RefusedException {
        ValueJson writer = new Writers(rules).of(told.route());
        List<byte[]> keys =
                found.stream().map(row -> key(writer, told.route().told(), row)).toList();
        if (keys.isEmpty()) {
            throw new RefusedException(
                    Why.UNKNOWN,
                    "no row of " + told.relation().name() + " meets it now; if it was deleted, give its key (--key)");
        }
        if (keys.size() > 1) {
            String named = keys.stream()
                    .limit(NAMED)
                    .map(key -> new String(key, UTF_8))
                    .collect(Collectors.joining(", "));
            throw new RefusedException(
                    Why.INVALID,
                    "more than one row of " + told.relation().name() + " meets it: those with the keys " + named
                            + (keys.size() > NAMED ? " and more" : "") + "; write a condition that one alone meets");
        }
        return keys.get(0);
    }

    private static byte[] key(ValueJson writer, Relation told, Tuple row) {
        var none = new TransactionInfo(0, Lsn.NONE, Instant.EPOCH, Position.between(Lsn.NONE, SnapshotProgress.DONE));
        var change = new ChangeRecord(Op.READ, told, row, null, false, row, null, none, Lsn.NONE, 0, null, null);
        return Objects.requireNonNull(writer.key(change), "a key of a table that has one");
    }
}
