package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "topic",
        description = "Topics, sequences among them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TopicCommand.ListTopics.class, TopicCommand.Describe.class, TopicCommand.Create.class})
final class TopicCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: list, describe or create");
    }

    @Command(
            name = "list",
            description =
                    "Each topic with its partitions, and how many offsets lie between its first and its last record.",
            mixinStandardHelpOptions = true)
    static final class ListTopics implements Callable<Integer> {

        @Mixin
        private Remote remote = new Remote();

        @Mixin
        private Answer answer = new Answer();

        @Override
        public Integer call() throws Exception {
            return Task.guarded(remote, answer, this::list).call();
        }

        private void list() throws RefusedException, InterruptedException {
            try (Admin admin = remote.admin()) {
                var names = remote.await(admin.listTopics().names());
                Map<String, TopicDescription> topics =
                        remote.await(admin.describeTopics(names).allTopicNames());
                Map<TopicPartition, Long> first = offsets(admin, topics, OffsetSpec.earliest());
                Map<TopicPartition, Long> end = offsets(admin, topics, OffsetSpec.latest());
                List<List<@Nullable Object>> rows = new ArrayList<>();
                topics.values().stream()
                        .sorted(Comparator.comparing(TopicDescription::name))
                        .forEach(topic -> rows.add(
                                List.of(topic.name(), topic.partitions().size(), records(topic, first, end))));
                answer.table(List.of("topic", "partitions", "offsets"), rows);
            }
        }

        private static long records(
                TopicDescription topic, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end) {
            return partitions(topic).stream()
                    .mapToLong(partition -> end.getOrDefault(partition, 0L) - first.getOrDefault(partition, 0L))
                    .sum();
        }

        private Map<TopicPartition, Long> offsets(Admin admin, Map<String, TopicDescription> topics, OffsetSpec which)
                throws RefusedException, InterruptedException {
            Map<TopicPartition, OffsetSpec> asked = topics.values().stream()
                    .flatMap(topic -> partitions(topic).stream())
                    .collect(Collectors.toMap(partition -> partition, partition -> which));
            return OffsetsOf.values(remote.await(admin.listOffsets(asked).all()));
        }
    }

    @Command(
            name = "describe",
            description = "The partitions of a topic, their leaders and offsets.",
            mixinStandardHelpOptions = true)
    static final class Describe implements Callable<Integer> {

        @Mixin
        private Remote remote = new Remote();

        @Mixin
        private Answer answer = new Answer();

        @Parameters(paramLabel = "TOPIC")
        private String topic = "";

        @Override
        public Integer call() throws Exception {
            return Task.guarded(remote, answer, this::describe).call();
        }

        private void describe() throws RefusedException, InterruptedException {
            try (Admin admin = remote.admin()) {
                TopicDescription found = Objects.requireNonNull(
                        remote.await(admin.describeTopics(List.of(topic)).allTopicNames())
                                .get(topic));
                List<TopicPartition> partitions = partitions(found);
                Map<TopicPartition, ListOffsetsResultInfo> first =
                        remote.await(admin.listOffsets(OffsetsOf.each(partitions, OffsetSpec.earliest()))
                                .all());
                Map<TopicPartition, ListOffsetsResultInfo> end =
                        remote.await(admin.listOffsets(OffsetsOf.each(partitions, OffsetSpec.latest()))
                                .all());
                List<List<@Nullable Object>> rows = new ArrayList<>();
                found.partitions().forEach(partition -> {
                    var of = new TopicPartition(topic, partition.partition());
                    List<@Nullable Object> row = new ArrayList<>();
                    row.add(partition.partition());
                    row.add(
                            partition.leader() == null
                                    ? null
                                    : partition.leader().id());
                    row.add(OffsetsOf.values(first).get(of));
                    row.add(OffsetsOf.values(end).get(of));
                    rows.add(row);
                });
                answer.table(List.of("partition", "leader", "first offset", "end offset"), rows);
            }
        }
    }

    @Command(
            name = "create",
            description = "Makes a topic for producers. Those of sequences are made by themselves.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {

        @Mixin
        private Remote remote = new Remote();

        @Mixin
        private Answer answer = new Answer();

        @Parameters(paramLabel = "TOPIC")
        private String topic = "";

        @Option(
                names = "--partitions",
                paramLabel = "N",
                description = "Left out: as num.partitions of the broker says.")
        private @Nullable Integer partitions;

        @Option(
                names = "--config",
                paramLabel = "NAME=VALUE",
                description = "One of Kafka's topic configs, such as cleanup.policy=compact; may be repeated.")
        private Map<String, String> configs = Map.of();

        @Override
        public Integer call() throws Exception {
            return Task.guarded(remote, answer, this::create).call();
        }

        private void create() throws RefusedException, InterruptedException {
            try (Admin admin = remote.admin()) {
                var wanted = new NewTopic(topic, Optional.ofNullable(partitions), Optional.empty()).configs(configs);
                var made = admin.createTopics(List.of(wanted));
                remote.await(made.all());
                answer.table(
                        List.of("topic", "partitions"),
                        List.of(List.of(topic, remote.await(made.numPartitions(topic)))));
            }
        }
    }

    private static List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                .toList();
    }
}
