package io.paillette.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Whoever knows nothing but {@code ./paillette --help} finds everything from there. */
final class CommandHelpTest {

    /** As a shell has them: with quotes around those that have blanks. */
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    /** To make them takes longer than to ask one. */
    private static final CommandLine COMMANDS = commands();

    static Stream<List<String>> everyCommand() {
        var all = new ArrayList<List<String>>();
        add(COMMANDS, List.of(), all);
        return all.stream();
    }

    private static void add(CommandLine command, List<String> path, List<List<String>> all) {
        all.add(path);
        command.getSubcommands().forEach((name, below) -> {
            var longer = new ArrayList<>(path);
            longer.add(name);
            add(below, List.copyOf(longer), all);
        });
    }

    static CommandLine commands() {
        Path nowhere = Path.of("");
        return Paillette.commands(new UpCommand(nowhere, name -> null, () -> {}, config -> {
            throw new AssertionError("nothing is started by --help");
        }));
    }

    private record Ran(int code, String out, String err) {}

    private static Ran run(List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = COMMANDS.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    private static CommandSpec spec(List<String> path) {
        CommandLine command = COMMANDS;
        for (String name : path) {
            command = command.getSubcommands().get(name);
        }
        return command.getCommandSpec();
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void helpNamesAndExplainsEachOptionParameterAndCommandAndEndsWithZero(List<String> path) {
        var arguments = new ArrayList<>(path);
        arguments.add("--help");
        Ran help = run(arguments);
        assertThat(help.code()).isZero();
        assertThat(help.err()).isEmpty();
        CommandSpec spec = spec(path);
        assertThat(help.out()).startsWith("Usage: " + spec.qualifiedName());
        assertThat(spec.usageMessage().description()).as("what it does").isNotEmpty();
        for (OptionSpec option : spec.options()) {
            assertThat(help.out()).contains(option.longestName());
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
        for (ArgSpec parameter : spec.positionalParameters()) {
            assertThat(help.out()).contains(parameter.paramLabel());
        }
        spec.subcommands().keySet().forEach(name -> assertThat(help.out()).contains("  " + name));
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void anOptionThatThereIsNotEndsWithTwoAndSaysSo(List<String> path) {
        var arguments = new ArrayList<>(path);
        arguments.add("--no-such-option");
        Ran ran = run(arguments);
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).isNotEmpty();
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void everyCommandOnARunningBrokerShowsExamplesThatCanBeTyped() {
        var checked = new ArrayList<String>();
        everyCommand().filter(path -> !path.isEmpty()).forEach(path -> {
            for (String line : spec(path).usageMessage().footer()) {
                if (line.startsWith("  ./paillette ")) {
                    checked.add(path.get(0));
                    assertParses(line.strip());
                }
            }
        });
        assertThat(checked)
                .as("commands with examples")
                .contains(
                        "sequence",
                        "backfill",
                        "replay",
                        "rewind",
                        "group",
                        "topic",
                        "transform",
                        "produce",
                        "consume");
    }

    private static void assertParses(String example) {
        List<String> words = WORD.matcher(example.substring("./paillette ".length()))
                .results()
                .map(word -> word.group(1) == null ? word.group() : word.group(1))
                .takeWhile(word -> !List.of("<", ">", "|").contains(word))
                .toList();
        assertThat(COMMANDS.parseArgs(words.toArray(String[]::new)).errors())
                .as(example)
                .isEmpty();
    }
}
