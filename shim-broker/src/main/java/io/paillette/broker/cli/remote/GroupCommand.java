package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "group",
        description = "Consumer groups and how far they are.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class GroupCommand {

    private static final Comparator<TopicPartition> BY_NAME =
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition);

    @Command(name = "list", description = "Each group with its type and state.", mixinStandardHelpOptions = true)
    int list(@Mixin Remote remote, @Mixin Answer answer) throws InterruptedException {
        return Task.run(remote, answer, () -> {
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
        });
    }

    @Command(
            name = "describe",
            description = "What a group has committed, and how many records come after that.",
            mixinStandardHelpOptions = true)
    int describe(@Mixin Remote remote, @Mixin Answer answer, @Parameters(paramLabel = "GROUP") String group)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                Map<TopicPartition, OffsetAndMetadata> committed =
                        remote.await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
                if (committed.isEmpty()) {
                    throw new RefusedException("group " + group
                            + " has committed nothing, or there is none; ./paillette group list names those there are");
                }
                Map<TopicPartition, Long> end = remote.offsets(admin, committed.keySet(), OffsetSpec.latest());
                List<List<@Nullable Object>> rows = new ArrayList<>();
                committed.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey(BY_NAME))
                        .forEach(of -> {
                            long at = of.getValue().offset();
                            long last = end.getOrDefault(of.getKey(), at);
                            rows.add(List.of(of.getKey().topic(), of.getKey().partition(), at, last, last - at));
                        });
                answer.table(List.of("topic", "partition", "committed", "end offset", "lag"), rows);
            }
        });
    }
}
