package io.paillette.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.cli.remote.RemoteCommands;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line as a whole. */
@Command(
        name = "paillette",
        description = "Turns Postgres into a Kafka log.",
        mixinStandardHelpOptions = true,
        versionProvider = Paillette.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Paillette {

    private Paillette() {}

    /**
     * Runs one command.
     *
     * @param home        directory of the launcher
     * @param environment value of an environment variable, null when it is not set
     * @param signals     says when to stop
     * @return exit code: 0 done, 1 a fault of ours, 2 wrong usage, configuration or environment
     */
    public static int run(
            String[] arguments,
            Path home,
            Function<String, @Nullable String> environment,
            StopSignal signals,
            BrokerStarter starter) {
        LogFormat.silence(); // until a command says otherwise
        CommandLine commands = commands(new UpCommand(home, environment, signals, starter));
        // Records are told as they are wherever that is read, as a pipe to another command.
        commands.setOut(new PrintWriter(System.out, true, UTF_8));
        return commands.execute(arguments);
    }

    static CommandLine commands(UpCommand up) {
        var commands = new CommandLine(new Paillette()).addSubcommand(up);
        RemoteCommands.all().forEach(commands::addSubcommand);
        return commands;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Paillette.class.getPackage().getImplementationVersion();
            return new String[] {"paillette " + (version == null ? "development" : version)};
        }
    }
}
