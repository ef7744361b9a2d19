package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "group",
        description = "Consumer groups and how far they are.",
        footer = {
            "",
            "Examples:",
            "  ./paillette group list",
            "  ./paillette group describe billing",
            "  ./paillette group delete billing",
            "",
            "To send a group back, or forward: ./paillette rewind."
        },
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

    @Command(
            name = "delete",
            description = "Deletes groups with what they have committed. Their consumers must be stopped.",
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin Remote remote,
            @Mixin Answer answer,
            @Parameters(paramLabel = "GROUP", arity = "1..*") List<String> groups)
            throws InterruptedException {
        return Task.run(remote, answer, () -> {
            try (Admin admin = remote.admin()) {
                var asked = admin.deleteConsumerGroups(groups).deletedGroups();
                var problems = new ArrayList<String>();
                for (String group : groups) {
                    try {
                        remote.await(Objects.requireNonNull(asked.get(group)));
                        answer.say("group " + group + " is deleted");
                    } catch (RefusedException e) {
                        problems.add(refusal(group, e));
                    }
                }
                if (!problems.isEmpty()) {
                    throw new RefusedException(String.join("\n", problems));
                }
            }
        });
    }

    private static String refusal(String group, RefusedException e) {
        if (e.getCause() instanceof GroupIdNotFoundException) {
            return "there is no group " + group + "; ./paillette group list names those there are";
        }
        if (e.getCause() instanceof GroupNotEmptyException) {
            return "group " + group + " has members that read: stop them first";
        }
        return "group " + group + " is not deleted: " + e.getMessage();
    }
}
