package io.paillette.broker;

import io.paillette.broker.cli.remote.RemoteCommands;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import picocli.CommandLine;

/** What a command on a broker answered. */
record RanCommand(int code, String out, String err) {

    /** One that is a client of HTTP. */
    static RanCommand http(FedBroker broker, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--http";
        all[arguments.length + 1] = broker.line().http().orElseThrow();
        var out = new StringWriter();
        var err = new StringWriter();
        var commands = new CommandLine(CommandLine.Model.CommandSpec.create());
        RemoteCommands.all(InputStream.nullInputStream()).forEach(commands::addSubcommand);
        int code = commands.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
        return new RanCommand(code, out.toString(), err.toString());
    }
}
