package io.paillette.broker.cli.remote;

import java.io.InputStream;
import java.util.List;

/** Every command on a broker that runs somewhere. */
public final class RemoteCommands {

    private RemoteCommands() {}

    /** For picocli, new ones each time. */
    public static List<Object> all() {
        return all(System.in);
    }

    /** @param in what is read by those that are given records */
    public static List<Object> all(InputStream in) {
        return List.of(
                new ConsumeCommand(),
                new ProduceCommand(in),
                new TopicCommand(),
                new GroupCommand(),
                new RewindCommand(),
                new SequenceCommand(),
                new BackfillCommand(),
                new ReplayCommand(),
                new TransformCommand());
    }
}
