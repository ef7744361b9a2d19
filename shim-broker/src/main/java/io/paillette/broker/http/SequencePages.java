package io.paillette.broker.http;

import io.paillette.broker.feed.FeedState;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceDefinition;
import io.paillette.broker.feed.SequenceDefinition.Made;
import io.paillette.broker.feed.Sequences;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Sequences as JSON. */
record SequencePages(Sequences sequences) {

    List<Map<String, Object>> all() {
        return sequences.all().stream().map(this::page).toList();
    }

    Map<String, Object> one(String name) throws RefusedException {
        return page(sequences
                .find(name)
                .orElseThrow(() -> new RefusedException(
                        Why.UNKNOWN, "there is no sequence " + name + "; /api/v1/sequences has those there are")));
    }

    ApiAnswer put(String name, ApiRequest request) throws RefusedException {
        boolean made = sequences.put(name, request.properties(), request.who());
        return new ApiAnswer(made ? ApiAnswer.CREATED : ApiAnswer.OK, one(name));
    }

    void validate(String name, ApiRequest request) throws RefusedException {
        sequences.validate(name, request.properties());
    }

    ApiAnswer resume(String name) throws RefusedException {
        sequences.resume(name);
        return new ApiAnswer(ApiAnswer.ACCEPTED, one(name));
    }

    ApiAnswer delete(String name, SequenceDefinition.Removal removal, String who) throws RefusedException {
        sequences.remove(name, removal, who);
        Optional<SequenceDefinition> left = sequences.find(name);
        return left.isPresent()
                ? new ApiAnswer(ApiAnswer.ACCEPTED, page(left.get()))
                : ApiAnswer.ok(Map.of("name", name, "state", "REMOVED"));
    }

    /** As a properties file, with which a broker would have the same ones. */
    String file() {
        var text = new StringBuilder();
        sequences.all().stream().filter(SequenceDefinition::isActive).forEach(one -> text.append(sequences.text(one)));
        return text.toString();
    }

    private Map<String, Object> page(SequenceDefinition sequence) {
        var page = new LinkedHashMap<String, Object>();
        page.put("name", sequence.name());
        page.put("source", sequence.source());
        page.put("topic", sequence.topic());
        page.put("definedIn", sequence.made().isPresent() ? "store" : "file");
        page.put("state", sequences.state(sequence));
        Optional<FeedState> feed = sequences.feed(sequence);
        feed.map(FeedState::reason).filter(reason -> !reason.isEmpty()).ifPresent(reason -> page.put("reason", reason));
        sequences.stopped(sequence).ifPresent(stopped -> {
            page.put("position", stopped.place());
            if (!stopped.reason().isEmpty()) {
                page.put("reason", stopped.reason());
            }
        });
        feed.map(FeedState::lagBytes)
                .filter(lag -> lag.isPresent())
                .ifPresent(lag -> page.put("lagBytes", lag.getAsLong()));
        page.put("properties", sequence.properties());
        sequence.made().ifPresent(made -> page.putAll(change(made)));
        return page;
    }

    private static Map<String, Object> change(Made made) {
        var change = new LinkedHashMap<String, Object>();
        change.put("version", made.version());
        change.put("changedAt", made.at().toString());
        change.put("changedBy", made.by());
        made.held().ifPresent(held -> {
            var effective = new LinkedHashMap<String, Object>();
            effective.put("version", held.version());
            effective.put("since", held.since().toString());
            effective.put("fromOffset", new TreeMap<>(held.offsets()));
            change.put("effective", effective);
        });
        return change;
    }
}
