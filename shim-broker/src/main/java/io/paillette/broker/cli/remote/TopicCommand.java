package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "topic",
        description = "Topics, sequences among them.",
        footer = {
            "",
            "Examples:",
            "  ./paillette topic create events --partitions 6 --config retention.ms=86400000",
            "  ./paillette topic alter events --partitions 12 --set retention.ms=3600000 --set compression.type=zstd",
            "  ./paillette topic alter events --set retention.ms=",
            "  ./paillette topic configs events",
            "  ./paillette topic delete events"
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class TopicCommand {

    @Command(
            name = "list",
            description =
                    "Each topic with its partitions, and how many offsets lie between its first and its last record.",
            mixinStandardHelpOptions = true)
    int list(@Mixin Remote remote, @Mixin Answer answer) throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                var names = remote.await(admin.listTopics().names());
                Collection<TopicDescription> topics = remote.await(
                                admin.describeTopics(names).allTopicNames())
                        .values();
                List<TopicPartition> all = topics.stream()
                        .flatMap(topic -> partitions(topic).stream())
                        .toList();
                Map<TopicPartition, Long> first = remote.offsets(admin, all, OffsetSpec.earliest());
                Map<TopicPartition, Long> end = remote.offsets(admin, all, OffsetSpec.latest());
                List<List<@Nullable Object>> rows = new ArrayList<>();
                topics.stream()
                        .sorted(Comparator.comparing(TopicDescription::name))
                        .forEach(topic -> rows.add(List.of(
                                topic.name(), topic.partitions().size(), between(partitions(topic), first, end))));
                answer.table(List.of("topic", "partitions", "offsets"), rows);
            }
        });
    }

    private static long between(
            List<TopicPartition> partitions, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end) {
        return partitions.stream()
                .mapToLong(partition -> end.getOrDefault(partition, 0L) - first.getOrDefault(partition, 0L))
                .sum();
    }

    @Command(
            name = "describe",
            description = "The partitions of a topic, their leaders and offsets.",
            mixinStandardHelpOptions = true)
    int describe(@Mixin Remote remote, @Mixin Answer answer, @Parameters(paramLabel = "TOPIC") String topic)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                requireThere(remote, admin, topic);
                TopicDescription found = Objects.requireNonNull(
                        remote.await(admin.describeTopics(List.of(topic)).allTopicNames())
                                .get(topic));
                Map<TopicPartition, Long> first = remote.offsets(admin, partitions(found), OffsetSpec.earliest());
                Map<TopicPartition, Long> end = remote.offsets(admin, partitions(found), OffsetSpec.latest());
                List<List<@Nullable Object>> rows = new ArrayList<>();
                found.partitions().forEach(partition -> {
                    var of = new TopicPartition(topic, partition.partition());
                    List<@Nullable Object> row = new ArrayList<>();
                    row.add(partition.partition());
                    row.add(
                            partition.leader() == null
                                    ? null
                                    : partition.leader().id());
                    row.add(first.get(of));
                    row.add(end.get(of));
                    rows.add(row);
                });
                answer.table(List.of("partition", "leader", "first offset", "end offset"), rows);
            }
        });
    }

    @Command(
            name = "create",
            description = "Makes a topic for producers. Those of sequences are made by themselves.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin Remote remote,
            @Mixin Answer answer,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(
                            names = "--partitions",
                            paramLabel = "N",
                            description = "Left out: as num.partitions of the broker says.")
                    @Nullable
                    Integer partitions,
            @Option(
                            names = "--config",
                            paramLabel = "NAME=VALUE",
                            description =
                                    "One of Kafka's topic configs, such as cleanup.policy=compact; may be repeated.")
                    @Nullable
                    Map<String, String> configs)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                var wanted = new NewTopic(topic, Optional.ofNullable(partitions), Optional.empty())
                        .configs(configs == null ? Map.of() : configs);
                var made = admin.createTopics(List.of(wanted));
                remote.await(made.all());
                answer.table(
                        List.of("topic", "partitions"),
                        List.of(List.of(topic, remote.await(made.numPartitions(topic)))));
            }
        });
    }

    @Command(
            name = "alter",
            description = {
                "Gives a topic more partitions, and other configs; those that are not named stay. Of what is in it nothing is moved: with",
                "more partitions a key may be in another one from then on."
            },
            mixinStandardHelpOptions = true)
    int alter(
            @Mixin Remote remote,
            @Mixin Answer answer,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(names = "--partitions", paramLabel = "N", description = "As many in all; never fewer than it has.")
                    @Nullable
                    Integer partitions,
            @Option(
                            names = "--set",
                            paramLabel = "NAME=VALUE",
                            description = {
                                "One of Kafka's topic configs; may be repeated. Without a value it is taken out, and the topic has the",
                                "broker's default."
                            })
                    @Nullable
                    List<String> set)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            if (partitions == null && set == null) {
                throw new RefusedException("say what to change: --partitions N, or --set NAME=VALUE");
            }
            List<AlterConfigOp> changes = TopicConfigs.changes(set == null ? List.of() : set);
            try (Admin admin = remote.admin()) {
                requireThere(remote, admin, topic);
                if (!changes.isEmpty()) { // before there are more partitions, which stay
                    remote.await(admin.incrementalAlterConfigs(
                                    Map.of(TopicConfigs.of(topic), changes),
                                    new AlterConfigsOptions().validateOnly(true))
                            .all());
                }
                if (partitions != null) {
                    remote.await(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                            .all());
                }
                if (!changes.isEmpty()) {
                    remote.await(admin.incrementalAlterConfigs(Map.of(TopicConfigs.of(topic), changes))
                            .all());
                }
                TopicConfigs.tell(remote, admin, topic, answer, false);
            }
        });
    }

    @Command(
            name = "configs",
            description = "The configs that were set on a topic itself; all else is as the broker's defaults say.",
            mixinStandardHelpOptions = true)
    int configs(
            @Mixin Remote remote,
            @Mixin Answer answer,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(names = "--all", description = "The defaults as well.") boolean all)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                requireThere(remote, admin, topic);
                TopicConfigs.tell(remote, admin, topic, answer, all);
            }
        });
    }

    @Command(
            name = "delete",
            description = {
                "Deletes topics with all that is in them. That of a sequence comes again with the next change of its tables, empty:",
                "./paillette sequence delete NAME --delete-topic removes both."
            },
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin Remote remote,
            @Mixin Answer answer,
            @Parameters(paramLabel = "TOPIC", arity = "1..*") List<String> topics,
            @Option(names = "--if-exists", description = "Leave out those that are not there.") boolean ifExists)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                Set<String> there = remote.await(admin.listTopics().names());
                for (String topic : topics) {
                    if (!there.contains(topic) && !ifExists) {
                        throw Partitions.noTopic(topic);
                    }
                }
                List<String> gone =
                        topics.stream().distinct().filter(there::contains).toList();
                remote.await(admin.deleteTopics(gone).all());
                gone.forEach(topic -> answer.say("topic " + topic + " is deleted"));
            }
        });
    }

    private static void requireThere(Remote remote, Admin admin, String topic)
            throws RefusedException, InterruptedException {
        if (!remote.await(admin.listTopics().names()).contains(topic)) {
            throw Partitions.noTopic(topic);
        }
    }

    private static List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                .toList();
    }
}
