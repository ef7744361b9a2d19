package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command answers: a table for people, or with {@code --json} an object on each line for programs. */
final class Answer {

    private static final String GAP = "  ";

    @Option(names = "--json", description = "Answer with a JSON object on each line.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    Answer() {}

    /** Of a command that has no table to answer with. */
    Answer(CommandSpec spec) {
        this.spec = spec;
    }

    boolean isJson() {
        return json;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For people, whatever the answer is. */
    void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    /** As {@link #say}, in place of what was said so before. */
    void over(String line) {
        spec.commandLine().getErr().print("\r" + line);
        spec.commandLine().getErr().flush();
    }

    void line(JsonNode object) {
        out().println(RecordJson.write(object));
        out().flush();
    }

    void line(Map<String, @Nullable Object> object) {
        out().println(RecordJson.write(object));
    }

    /** Each row has as many values as there are columns; null is not known. */
    void table(List<String> columns, List<List<@Nullable Object>> rows) {
        if (json) {
            for (List<@Nullable Object> row : rows) {
                var object = new LinkedHashMap<String, @Nullable Object>();
                for (int i = 0; i < columns.size(); i++) {
                    object.put(columns.get(i).replace(' ', '_'), row.get(i));
                }
                line(object);
            }
        } else {
            people(columns, rows);
        }
        out().flush();
    }

    private void people(List<String> columns, List<List<@Nullable Object>> rows) {
        List<List<String>> texts = new ArrayList<>();
        texts.add(columns.stream().map(String::toUpperCase).toList());
        for (List<@Nullable Object> row : rows) {
            texts.add(row.stream()
                    .map(value -> value == null ? "-" : value.toString())
                    .toList());
        }
        List<Integer> widths = new ArrayList<>(Collections.nCopies(columns.size(), 0));
        texts.forEach(line -> {
            for (int i = 0; i < line.size(); i++) {
                widths.set(i, Math.max(widths.get(i), line.get(i).length()));
            }
        });
        for (List<String> line : texts) {
            var text = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths.get(i) - line.get(i).length()))
                        .append(GAP);
            }
            out().println(text.toString().stripTrailing());
        }
    }
}
