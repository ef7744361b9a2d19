package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.Backfill;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.envelope.ChangeRecord.Joined;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.filter.Enrichment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which sequences a table's changes go to, and which cannot tell it. For one thread, save {@link #unread}. */
final class Routes {

    private final FeedRules rules;
    private final Map<Integer, Known> known = new HashMap<>();

    /** By id of the backfill: what had a name that its sequence reads has got another. */
    private final Map<String, TableName> unread = new ConcurrentHashMap<>();

    /** @param refused by sequences that name the table and cannot tell it */
    record Known(Relation relation, List<Route> routes, List<Refusal> refused) {

        /** What there is of one sequence. */
        Known of(String sequence) {
            return new Known(
                    relation,
                    routes.stream()
                            .filter(route -> route.rule()
                                    .filter(rule -> rule.name().equals(sequence))
                                    .isPresent())
                            .toList(),
                    refused.stream()
                            .filter(one -> one.rule().name().equals(sequence))
                            .toList());
        }
    }

    Routes(FeedRules rules) {
        this.rules = rules;
    }

    @SuppressWarnings("ReferenceEquality") // A new shape, and with it perhaps a new name, is a new instance.
    Known of(Relation relation) {
        Known last = known.get(relation.oid());
        if (last == null || last.relation() != relation) {
            last = find(relation);
            known.put(relation.oid(), last);
        }
        return last;
    }

    /** Of a row that is for one sequence alone the others neither get anything nor have a say in it. */
    Known of(CaptureEvent.Row row) {
        Known all = of(row.relation());
        Optional<Backfill> asked = row.asked().filter(one -> !one.into().isEmpty());
        if (asked.isEmpty()) {
            return all;
        }
        Known one = all.of(asked.get().into());
        if (one.routes().isEmpty() && one.refused().isEmpty()) {
            unread.put(asked.get().id(), row.relation().name());
        }
        return one;
    }

    /** From any thread: the table of a backfill, when its sequence was found not to read that any more. */
    Optional<TableName> unread(Backfill asked) {
        return Optional.ofNullable(unread.get(asked.id()));
    }

    private Known find(Relation relation) {
        var routes = new ArrayList<Route>();
        var refused = new ArrayList<Refusal>();
        for (SequenceRule rule : rules.sequences()) {
            if (rule.names(relation.name())) {
                try {
                    requireOne(relation, rule, routes);
                    routes.add(new Route(rule.topic(), Optional.of(rule), told(relation, rule)));
                } catch (CaptureException e) {
                    refused.add(new Refusal(rule, e));
                }
            }
        }
        if (routes.isEmpty() && refused.isEmpty()) {
            String own = SequenceNames.topicOf(rules.capture().name(), relation.name());
            routes.add(new Route(own, Optional.empty(), relation));
        }
        return new Known(relation, List.copyOf(routes), List.copyOf(refused));
    }

    /** In one topic a change told twice is no longer told once, and of two conditions none would count. */
    private static void requireOne(Relation relation, SequenceRule rule, List<Route> others) throws CaptureException {
        for (Route other : others) {
            if (other.topic().equals(rule.topic())) {
                throw new CaptureException(
                        "sequence." + other.rule().orElseThrow().name() + " and sequence." + rule.name()
                                + " both name table " + relation.name() + " for topic " + rule.topic()
                                + ": make one of them (where=... or ...), or give one another topic",
                        false,
                        null);
            }
        }
    }

    private static Relation told(Relation relation, SequenceRule rule) throws CaptureException {
        Relation told = rule.shape().of(relation, rule.name());
        boolean mayGetKey = rule.processing().functions().isPresent()
                || rule.processing().chain().isPresent();
        if (rule.compacted() && told.key().isEmpty() && !mayGetKey) {
            throw new CaptureException(
                    "sequence." + rule.name() + ": its topic is compacted, which keeps nothing of table " + told.name()
                            + ", as that has no key: give it a primary key, set sequence." + rule.name()
                            + ".key, leave the table out, or set cleanup.policy=delete",
                    false,
                    null);
        }
        if (rule.processing().enrichment().isPresent()) {
            requireEnrichable(told, rule);
        }
        return told;
    }

    private static void requireEnrichable(Relation told, SequenceRule rule) throws CaptureException {
        String option = "sequence." + rule.name() + ".enrich: table " + told.name();
        if (told.key().isEmpty()) {
            throw new CaptureException(
                    option + " has no key by which a query could find its rows: give it a primary key, set sequence."
                            + rule.name() + ".key, or leave the table out",
                    false,
                    null);
        }
        Enrichment.Form form = rule.processing().enrichment().orElseThrow().form();
        boolean taken = told.columns().stream()
                .anyMatch(column ->
                        column.name().equals(Joined.FIELD) && column.exposure().inRow());
        if (rule.shape().envelope() == Envelope.ROW && form == Enrichment.Form.JSON && taken) {
            throw new CaptureException(
                    option + " has a column \"" + Joined.FIELD
                            + "\" of its own, which envelope=row tells: set sequence."
                            + rule.name() + ".enrich.into=headers, or leave the column out with sequence." + rule.name()
                            + ".columns",
                    false,
                    null);
        }
    }
}
