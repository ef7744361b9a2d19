package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import io.paillette.function.Outcome;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls functions with one change after another, and shows what each was and what came of it. */
final class Trials {

    private final Functions functions;
    private final Printed printed;
    private final Answer answer;

    private int kept;
    private int dropped;
    private int failed;
    private double ms;

    /** @param printed where the functions print to */
    Trials(Functions functions, Printed printed, Answer answer) {
        this.functions = functions;
        this.printed = printed;
        this.answer = answer;
    }

    int failed() {
        return failed;
    }

    void call(SampleChange change) {
        printed.clear();
        var shown = new LinkedHashMap<String, @Nullable Object>();
        shown.put("change", change.place());
        shown.put("before", change.change());
        byte[] bytes = change.bytes();
        long start = System.nanoTime();
        try {
            Outcome outcome = functions.call(bytes);
            show(outcome, shown);
        } catch (FunctionException e) {
            failed++;
            shown.put("error", e.getMessage());
        }
        double took = (System.nanoTime() - start) / 1e6;
        ms += took;
        List<String> lines = printed.lines();
        if (!lines.isEmpty()) {
            shown.put("printed", lines);
        }
        shown.put("ms", Double.valueOf(String.format(Locale.ROOT, "%.3f", took)));
        if (answer.isJson()) {
            answer.line(shown);
        } else {
            people(change.change(), shown);
        }
        answer.out().flush();
    }

    private void show(Outcome outcome, Map<String, @Nullable Object> shown) {
        if (!(outcome instanceof Kept told)) {
            dropped++;
            shown.put("dropped", true);
            return;
        }
        kept++;
        shown.put("after", RecordJson.read(told.value()));
        told.routing().topic().ifPresent(topic -> shown.put("topic", topic));
        told.routing()
                .key()
                .ifPresent(key -> shown.put("key", key.bytes() == null ? null : new String(key.bytes(), UTF_8)));
        told.routing().partition().ifPresent(partition -> shown.put("partition", partition));
        if (!told.routing().headers().isEmpty()) {
            ObjectNode headers = JsonNodeFactory.instance.objectNode();
            for (Header header : told.routing().headers()) {
                headers.put(header.name(), header.value());
            }
            shown.put("headers", headers);
        }
    }

    /** Of metadata the table alone, as it is long and hardly ever what a function is about. */
    private void people(JsonNode change, Map<String, @Nullable Object> shown) {
        JsonNode metadata = change.get("metadata");
        line(shown.get("change") + "  " + change.get("action").asText() + " of "
                + metadata.path("table_schema").asText() + "."
                + metadata.path("table_name").asText());
        line("record", change.get("record"));
        line("changes", change.path("changes"));
        shown.forEach((name, value) -> {
            switch (name) {
                case "change", "before" -> {}
                case "dropped" -> line("  dropped");
                case "printed" -> printed.lines().forEach(text -> line(name, text));
                case "ms" -> line("time", value + " ms");
                case "after" -> line("after", value == null ? "null, a tombstone" : value);
                default -> line(name, value);
            }
        });
    }

    private void line(String name, @Nullable Object value) {
        line(String.format(Locale.ROOT, "  %-10s %s", name, value));
    }

    private void line(String text) {
        answer.out().println(text);
    }

    void sum() {
        int all = kept + dropped + failed;
        if (!answer.isJson()) {
            answer.out()
                    .println(all + (all == 1 ? " change: " : " changes: ") + kept + " kept, " + dropped + " dropped, "
                            + failed + " failed; "
                            + String.format(Locale.ROOT, "%.3f", all == 0 ? 0 : ms / all) + " ms each");
        }
        answer.out().flush();
    }
}
