package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "transform",
        description = "Functions of sequences.",
        footer = {
            "",
            "Examples:",
            "  ./paillette transform test --functions paid.js --topic orders --max 20",
            "  ./paillette transform test --functions paid.lua --changes saved.json"
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = TransformCommand.Test.class)
final class TransformCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: test");
    }

    @Command(
            name = "test",
            description = {
                "Calls the functions of a file with the newest changes of a topic, or with those of a file, and shows what comes of each.",
                "Nothing is written. Exit code 1: a function has failed."
            },
            mixinStandardHelpOptions = true)
    static final class Test implements Callable<Integer> {

        @Mixin
        private Remote remote = new Remote();

        @Mixin
        private Answer answer = new Answer();

        @Option(
                names = "--functions",
                paramLabel = "FILE",
                required = true,
                description =
                        "Defines any of filter, transform and route, in JavaScript (.js), Lua (.lua) or WebAssembly (.wasm).")
        private Path functions = Path.of("");

        @ArgGroup(multiplicity = "1")
        private From from = new From();

        @Option(
                names = "--max",
                paramLabel = "N",
                defaultValue = "10",
                description = "Newest changes of the topic, or first ones of the file (default: ${DEFAULT-VALUE}).")
        private int max;

        /** Either of them. */
        static final class From {

            @Option(
                    names = "--topic",
                    paramLabel = "TOPIC",
                    required = true,
                    description = "That of a sequence with envelope=change.")
            private @Nullable String topic;

            @Option(
                    names = "--changes",
                    paramLabel = "FILE",
                    required = true,
                    description =
                            "A change on each line, as the value of such a record or as consume --json prints it.")
            private @Nullable Path file;
        }

        private int failed;

        @Override
        public Integer call() throws InterruptedException {
            int code = Task.run(remote, answer, this::test);
            return code == 0 && failed > 0 ? 1 : code;
        }

        private void test() throws RefusedException {
            var printed = new Printed();
            try (var compiled = Functions.compile(
                    String.valueOf(functions.getFileName()), bytes(functions), Functions.LIMIT, printed)) {
                var trials = new Trials(compiled, printed, answer);
                for (SampleChange change : changes()) {
                    trials.call(change);
                }
                trials.sum();
                failed = trials.failed();
            } catch (FunctionException e) {
                throw new RefusedException(String.valueOf(e.getMessage()));
            }
        }

        private List<SampleChange> changes() throws RefusedException {
            if (max < 1) {
                throw new RefusedException("--max has to be a number from 1");
            }
            if (from.file != null) {
                return SampleChange.ofLines(from.file, text(from.file), max);
            }
            try (var consumer = remote.consumer()) {
                return SampleChange.newest(consumer, String.valueOf(from.topic), max);
            }
        }

        private static byte[] bytes(Path file) throws RefusedException {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new RefusedException(file + " cannot be read (" + e + "): give the path of a file that is there");
            }
        }

        private static String text(Path file) throws RefusedException {
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(file))).toString();
            } catch (CharacterCodingException e) {
                throw new RefusedException(file + " is not in UTF-8 (" + e + "): give a file that is");
            }
        }
    }
}
