package io.paillette.benchmarks;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "groups",
        description = {
            "How many members of consumer groups a broker carries: joining, committing, restarting, beside Apache Kafka.",
            "",
            "Members speak the protocol themselves, each over a connection of its own and all in one thread: a thousand "
                    + "KafkaConsumers would measure the machine. CLASSIC and CONSUMER (KIP-848) join; COMMITS commits at "
                    + "a steady rate, then as fast as it goes with one commit under way in each group, and with one of "
                    + "each member; ROLL restarts every member and then the broker, and ends with an error when an "
                    + "acknowledged offset is gone.",
            "",
            "Example, a minute of it: benchmarks/run groups --groups 10 --members 50 --rate 500 --rounds 1 --only CLASSIC,COMMITS",
            ""
        },
        mixinStandardHelpOptions = true)
final class GroupsCommand implements Callable<Integer> {

    /**
     * The test kit's has few partitions for its groups, to be small: this is Apache Kafka's default. Its default of connections that
     * wait to be accepted is 50: when a thousand come at once the others try again after a second, which is not measured here.
     */
    private static final Map<String, String> KAFKA =
            Map.of("offsets.topic.num.partitions", "50", "socket.listen.backlog.size", "1000");

    @Option(names = "--groups", defaultValue = "100", description = "That are there (default: ${DEFAULT-VALUE}).")
    private int groups;

    @Option(
            names = "--members",
            defaultValue = "1000",
            description = "Of all groups together, as many in each (default: ${DEFAULT-VALUE}).")
    private int members;

    @Option(
            names = "--partitions",
            defaultValue = "20",
            description = "Of the one topic that all groups read; at least one for each member of a group "
                    + "(default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--heartbeat-ms",
            defaultValue = "3000",
            description =
                    "Of classic members, KafkaConsumer's heartbeat.interval.ms: how soon a member hears that others "
                            + "have come or gone (default: ${DEFAULT-VALUE}).")
    private int heartbeatMillis;

    @Option(
            names = "--rate",
            defaultValue = "5000",
            description = "Commits per second of the steady measurement (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "Measured, each of the three loads of COMMITS (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "3", description = "Seconds before that (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "In turn, after one that does not count; the median counts. ROLL is run once "
                    + "(default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "CLASSIC,CONSUMER,COMMITS,ROLL",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<GroupsRun.Part> only = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LogOptions options = new LogOptions();

    @Override
    public Integer call() {
        refuseNonsense();
        var scale = new GroupScale(groups, members / groups, partitions, Duration.ofMillis(heartbeatMillis));
        var plan = new GroupCommits.Plan(rate, warmUp, seconds);
        try (var scope = new Scope()) {
            Brokers brokers = options.start(scope, Map.of(), KAFKA);
            tell(brokers, scale);
            var parts = EnumSet.copyOf(only);
            var runs = new PerBroker<>(brokers, broker -> new GroupsRun(broker, scale, plan, parts));
            runs.forEach((broker, run) -> run.warmUp());
            for (int round = 1; round <= rounds; round++) {
                String name = String.valueOf(round);
                runs.forEach((broker, run) -> run.round(name));
            }
            if (parts.contains(GroupsRun.Part.ROLL)) {
                runs.forEach((broker, run) -> run.roll());
            }
            new GroupsTables(brokers, scale, plan).print(runs);
            return 0;
        }
    }

    private void refuseNonsense() {
        refuse(
                groups < 1 || members < groups || members % groups != 0,
                "--members " + members + " cannot be spread evenly over --groups " + groups + ": give a multiple");
        refuse(
                partitions < members / groups,
                "--partitions " + partitions + " leaves members without any: there are " + members / groups
                        + " in each group");
        refuse(
                rate < 1 || seconds < 1 || rounds < 1 || heartbeatMillis < 1 || warmUp < 0,
                "--rate, --seconds, --rounds and --heartbeat-ms are at least 1, --warm-up at least 0");
    }

    private void refuse(boolean nonsense, String why) {
        if (nonsense) {
            throw new ParameterException(spec.commandLine(), why);
        }
    }

    private void tell(Brokers brokers, GroupScale scale) {
        Setting.print(
                brokers.paillette().store(),
                String.format(
                        "%,d members over %d groups of %d, one topic of %d partitions; each member one connection, all of "
                                + "them one client thread; group.initial.rebalance.delay.ms=0 on both, session 45 s, "
                                + "classic heartbeats every %d ms, those of KIP-848 as the broker says (5 s); shards of "
                                + "the coordinator: 50 on both, the default; Apache Kafka with "
                                + "socket.listen.backlog.size=1000; commits: one partition each, %d s "
                                + "after %d s warm-up; median of %d after one that does not count%s",
                        scale.allMembers(),
                        scale.groups(),
                        scale.members(),
                        scale.partitions(),
                        heartbeatMillis,
                        seconds,
                        warmUp,
                        rounds,
                        options.told()));
        Say.print("durable   Paillette acknowledges after a Postgres COMMIT that waited for the disk; Apache Kafka "
                + "after the page cache has it, without fsync");
    }
}
