package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "group",
        description = "Consumer groups and how far they are.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {GroupCommand.ListGroups.class, GroupCommand.Describe.class})
final class GroupCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: list or describe");
    }

    @Command(name = "list", description = "Each group with its type and state.", mixinStandardHelpOptions = true)
    static final class ListGroups implements Callable<Integer> {

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
                List<List<@Nullable Object>> rows = new ArrayList<>();
                remote.await(admin.listGroups().all()).stream()
                        .sorted(Comparator.comparing(GroupListing::groupId))
                        .forEach(group -> rows.add(List.of(
                                group.groupId(),
                                group.type().map(Object::toString).orElse("-"),
                                group.groupState().map(Object::toString).orElse("-"))));
                answer.table(List.of("group", "type", "state"), rows);
            }
        }
    }

    @Command(
            name = "describe",
            description = "What a group has committed, and how many records come after that.",
            mixinStandardHelpOptions = true)
    static final class Describe implements Callable<Integer> {

        @Mixin
        private Remote remote = new Remote();

        @Mixin
        private Answer answer = new Answer();

        @Parameters(paramLabel = "GROUP")
        private String group = "";

        @Override
        public Integer call() throws Exception {
            return Task.guarded(remote, answer, this::describe).call();
        }

        private void describe() throws RefusedException, InterruptedException {
            try (Admin admin = remote.admin()) {
                Map<TopicPartition, OffsetAndMetadata> committed =
                        remote.await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
                if (committed.isEmpty()) {
                    throw new RefusedException("group " + group
                            + " has committed nothing, or there is none; ./paillette group list names those there are");
                }
                Map<TopicPartition, Long> end = OffsetsOf.values(
                        remote.await(admin.listOffsets(OffsetsOf.each(committed.keySet(), OffsetSpec.latest()))
                                .all()));
                List<List<@Nullable Object>> rows = new ArrayList<>();
                committed.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey(
                                Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition)))
                        .forEach(of -> {
                            TopicPartition partition = of.getKey();
                            long at = of.getValue().offset();
                            long last = end.getOrDefault(partition, at);
                            rows.add(List.of(partition.topic(), partition.partition(), at, last, last - at));
                        });
                answer.table(List.of("topic", "partition", "committed", "end offset", "lag"), rows);
            }
        }
    }
}
