package io.paillette.broker;

import io.paillette.broker.cli.remote.RemoteCommands;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Commands on a broker, as somebody types them. */
record Commands(String http, String kafka) {

    record Ran(int code, String out, String err) {}

    static Commands of(FedBroker broker) {
        return new Commands(broker.line().http().orElseThrow(), broker.line().kafka());
    }

    Ran http(String... arguments) {
        return run(arguments, "--http", http);
    }

    Ran kafka(String... arguments) {
        return run(arguments, "--bootstrap-server", kafka);
    }

    private static Ran run(String[] arguments, String option, String address) {
        var all = new ArrayList<>(List.of(arguments));
        all.add(option);
        all.add(address);
        return run(all.toArray(String[]::new));
    }

    static Ran run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code =
                line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    static CommandLine line() {
        var commands = new CommandLine(CommandLine.Model.CommandSpec.create());
        RemoteCommands.all(new ByteArrayInputStream(new byte[0])).forEach(commands::addSubcommand);
        return commands;
    }
}
