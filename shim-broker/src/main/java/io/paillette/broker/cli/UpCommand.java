package io.paillette.broker.cli;

import io.paillette.broker.config.ConfigInput;
import io.paillette.broker.config.ConfigReader;
import io.paillette.broker.config.InvalidConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        description = "Starts the broker and stays in the foreground; SIGTERM or Ctrl-C ends it in good order.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);

    private static final int OK = 0;
    private static final int FAULT = 1;
    private static final int REFUSED = 2;

    private final Path home;
    private final Function<String, @Nullable String> environment;
    private final StopSignal signal;
    private final BrokerStarter starter;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "Configuration; without it config/quickstart.properties beside the launcher.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Goes over the file; may be repeated. docs/config.md has every key.")
    private List<String> overrides = List.of();

    @Option(
            names = {"-v", "--verbose"},
            description = "Log more.")
    private boolean verbose;

    @Spec
    private @Nullable CommandSpec spec;

    UpCommand(Path home, Function<String, @Nullable String> environment, StopSignal signal, BrokerStarter starter) {
        this.home = home;
        this.environment = environment;
        this.signal = signal;
        this.starter = starter;
    }

    @Override
    public Integer call() {
        LogFormat.install(verbose);
        try (RunningBroker broker = starter.start(ConfigReader.read(input()))) {
            say(spec().commandLine().getOut(), broker.readyLine().toString());
            signal.await();
            LOG.info("stopping");
        } catch (InvalidConfigException | StartException e) {
            say(spec().commandLine().getErr(), String.valueOf(e.getMessage()));
            LOG.debug("the cause in full", e);
            return REFUSED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.info("stopped while starting");
            return OK;
        } catch (RuntimeException | Error e) {
            LOG.error("a fault of Paillette's own; please report it with what is below", e);
            return FAULT;
        }
        LOG.info("stopped");
        return OK;
    }

    private ConfigInput input() {
        Path workingDirectory = Path.of("").toAbsolutePath();
        Path config = file == null ? home.resolve("config/quickstart.properties") : file;
        return new ConfigInput(config, overrides, home, workingDirectory, environment);
    }

    private static void say(PrintWriter to, String line) {
        to.println(line);
        to.flush();
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec before it calls");
        }
        return spec;
    }
}
