package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.broker.cli.remote.SequencePlan.Action;
import io.paillette.broker.cli.remote.SequencePlan.Present;
import io.paillette.broker.cli.remote.SequencePlan.Step;
import io.paillette.broker.config.InvalidConfigException;
import io.paillette.broker.config.SequenceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "apply",
        description = {
            "Gives the broker the sequences of a properties file, such as export writes: those that are not there are made, those",
            "that differ are changed, all else is left alone. What is wrong with any of them is said before anything is done. Done",
            "again it changes nothing. Properties of a topic that the file does not name stay as they are."
        },
        footer = {
            "",
            "Examples:",
            "  ./paillette sequence export > sequences.properties",
            "  ./paillette sequence apply sequences.properties --dry-run",
            "  ./paillette sequence apply sequences.properties --prune"
        },
        mixinStandardHelpOptions = true)
final class ApplyCommand implements Callable<Integer> {

    private static final String FUNCTIONS = "functions";

    @Mixin
    private HttpRemote remote = new HttpRemote();

    @Mixin
    private Answer answer = new Answer();

    @Option(names = "--dry-run", description = "Say what would be done and whether it could be, and do nothing.")
    private boolean dry;

    @Option(
            names = "--prune",
            description =
                    "Remove the sequences that were made on the running broker and are not in the file; their topics stay.")
    private boolean prune;

    @Parameters(
            paramLabel = "FILE",
            description = {
                "Keys that are not sequence.NAME.OPTION are left out, and named. Files of functions are looked for beside it, and what",
                "they have is sent."
            })
    private Path file = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
        return Task.run(answer, this::apply);
    }

    private void apply() throws RefusedException, InterruptedException {
        SequenceFile wanted = read();
        if (wanted.sequences().isEmpty()) {
            throw new RefusedException(file + " has no sequence: write sequence.NAME.tables and the like");
        }
        if (!wanted.others().isEmpty()) {
            answer.say("a broker reads these at its start alone, they are not applied: "
                    + String.join(", ", wanted.others()));
        }
        SequencePlan plan = plan(wanted);
        answer.table(List.of("name", "action", "property", "now", "wanted"), plan.rows(answer.isJson()));
        validate(plan);
        if (plan.isDone()) {
            answer.say("the broker has these sequences already; nothing was changed");
        } else if (dry) {
            answer.say("this can be done; nothing was changed");
        } else {
            carryOut(plan);
        }
    }

    private SequencePlan plan(SequenceFile wanted) throws RefusedException, InterruptedException {
        var sent = new TreeMap<String, Map<String, String>>();
        for (Map.Entry<String, Map<String, String>> one : wanted.sequences().entrySet()) {
            sent.put(one.getKey(), withFunctions(one.getKey(), one.getValue()));
        }
        SequenceFile exported = parse(remote.text("config"), "what the broker exports");
        JsonNode defined = remote.get("sequences").path("sequences");
        var present = new TreeMap<String, Present>();
        for (JsonNode one : defined) {
            Map<String, String> now = exported.sequences().get(one.path("name").asText());
            if (now != null) { // else it is being removed
                present.put(one.path("name").asText(), new Present(now, SequenceCommand.properties(one)));
            }
        }
        return SequencePlan.of(sent, present, prune ? unnamed(wanted, defined) : List.of());
    }

    /** What is in a file of this machine is sent instead of its name. */
    private Map<String, String> withFunctions(String name, Map<String, String> properties) throws RefusedException {
        String functions = properties.getOrDefault(FUNCTIONS, "");
        var sent = new LinkedHashMap<>(properties);
        sent.remove(FUNCTIONS);
        if (functions.isEmpty()) {
            return sent;
        }
        var read = new LinkedHashMap<String, String>();
        SequenceOptions.putFunctions(read, file.toAbsolutePath().resolveSibling(functions));
        for (Map.Entry<String, String> one : read.entrySet()) {
            if (sent.put(one.getKey(), one.getValue()) != null) {
                throw new RefusedException("sequence." + name + " has functions=" + functions + " and " + one.getKey()
                        + " as well: leave one of them out");
            }
        }
        sent.remove("functions.language", "");
        return sent;
    }

    private List<String> unnamed(SequenceFile wanted, JsonNode defined) {
        var unnamed = new ArrayList<String>();
        for (JsonNode one : defined) {
            String name = one.path("name").asText();
            if (wanted.sequences().containsKey(name)
                    || one.path("state").asText().equals("REMOVING")) {
                continue;
            }
            if (one.path("definedIn").asText().equals("store")) {
                unnamed.add(name);
            } else {
                answer.say("sequence " + name + " stands in the broker's properties file, and stays");
            }
        }
        return unnamed;
    }

    /** All of them, so that whoever wrote the file sees what is wrong with it at once. */
    private void validate(SequencePlan plan) throws RefusedException, InterruptedException {
        var problems = new ArrayList<String>();
        for (Step step : plan.of(Action.CREATE, Action.CHANGE)) {
            try {
                remote.send("POST", SequenceCommand.page(step.name()) + "/validate", step.properties());
            } catch (RefusedException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            problems.add("nothing was changed");
            throw new RefusedException(String.join("\n", problems));
        }
    }

    private void carryOut(SequencePlan plan) throws RefusedException, InterruptedException {
        for (Step step : plan.of(Action.CREATE, Action.CHANGE)) {
            JsonNode page = SequenceCommand.put(remote, answer, step.name(), step.properties());
            answer.say("sequence " + step.name() + (step.action() == Action.CREATE ? " is made" : " is changed") + ": "
                    + page.path("state").asText() + ", from offset "
                    + page.path("effective").path("fromOffset"));
        }
        for (Step step : plan.of(Action.REMOVE)) {
            SequenceCommand.remove(remote, answer, step.name(), false);
        }
    }

    private SequenceFile read() throws RefusedException {
        try {
            return parse(Files.readString(file, UTF_8), file.toString());
        } catch (IOException e) {
            var refused =
                    new RefusedException(file + " cannot be read (" + e + "): give the path of a properties file");
            refused.initCause(e);
            throw refused;
        }
    }

    private static SequenceFile parse(String text, String where) throws RefusedException {
        try {
            return SequenceFile.parse(text);
        } catch (InvalidConfigException e) {
            var refused = new RefusedException(where + ": " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }
}
