package io.paillette.broker.cli.remote;

import java.util.List;

/** Every command on a broker that runs somewhere. */
public final class RemoteCommands {

    private RemoteCommands() {}

    /** For picocli, new ones each time. */
    public static List<Object> all() {
        return List.of(
                new ConsumeCommand(),
                new TopicCommand(),
                new GroupCommand(),
                new RewindCommand(),
                new SequenceCommand(),
                new BackfillCommand(),
                new ReplayCommand(),
                new TransformCommand());
    }
}
