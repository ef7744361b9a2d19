package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "rewind",
        description = {
            "Moves a consumer group, back or forward, to a place in a topic: it goes on from there when it is started again.",
            "A group that does not exist yet begins there. With the change of a row, the partition that has it goes to that"
                    + " very record, the others to the first record of the same time."
        },
        footer = {
            "",
            "Examples:",
            "  ./paillette rewind --group billing --topic app.public.orders --to beginning",
            "  ./paillette rewind --group billing --topic app.public.orders --to 2026-11-27T10:00:00Z --dry-run",
            "  ./paillette rewind --group billing --topic app.public.orders --key id=42 --change last"
        },
        mixinStandardHelpOptions = true)
final class RewindCommand implements Callable<Integer> {

    @Mixin
    private Remote remote = new Remote();

    @Mixin
    private Answer answer = new Answer();

    @Option(names = "--group", required = true, description = "The group. Its consumers must be stopped.")
    private String group = "";

    @Option(names = "--topic", required = true, description = "The topic; others of the group stay where they are.")
    private String topic = "";

    @Option(names = "--partition", paramLabel = "N", description = "This one alone.")
    private @Nullable Integer partition;

    @Option(
            names = "--to",
            paramLabel = "PLACE",
            description = "beginning, end, an offset, a time (2026-11-27T10:00:00Z) or an LSN.")
    private @Nullable String to;

    @Mixin
    private PlaceOptions row = new PlaceOptions();

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        return Task.run(remote, answer, this::rewind);
    }

    private void rewind() throws RefusedException, InterruptedException {
        if (row.isGiven() == (to != null)) {
            throw new RefusedException("say where: --to with a place, or --key with a row");
        }
        Place place = row.isGiven() ? row.place() : Place.parse(String.valueOf(to));
        try (Admin admin = remote.admin();
                KafkaConsumer<byte[], byte[]> consumer = remote.consumer()) {
            requireStopped(admin);
            List<TopicPartition> partitions = Partitions.of(consumer, topic, partition);
            Map<TopicPartition, Long> target = new Places(consumer).of(place, partitions);
            Map<TopicPartition, OffsetAndMetadata> before =
                    remote.await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            if (!dryRun) {
                remote.await(admin.alterConsumerGroupOffsets(
                                group,
                                target.entrySet().stream()
                                        .collect(Collectors.toMap(
                                                Map.Entry::getKey, at -> new OffsetAndMetadata(at.getValue()))))
                        .all());
            }
            tell(target, before, end);
        }
    }

    private void requireStopped(Admin admin) throws RefusedException, InterruptedException {
        try {
            long members = remote
                    .await(admin.describeConsumerGroups(List.of(group)).all())
                    .values()
                    .stream()
                    .mapToLong(found -> found.members().size())
                    .sum();
            if (members > 0) {
                throw new RefusedException(
                        "group " + group + " has " + members
                                + " members that read: stop them first (or give another group), since they would commit over it");
            }
        } catch (RefusedException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw e;
            }
        }
    }

    private void tell(
            Map<TopicPartition, Long> target,
            Map<TopicPartition, OffsetAndMetadata> before,
            Map<TopicPartition, Long> end) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        target.keySet().stream()
                .sorted(Comparator.comparing(TopicPartition::partition))
                .forEach(of -> {
                    OffsetAndMetadata was = before.get(of);
                    List<@Nullable Object> line = new ArrayList<>();
                    line.add(of.partition());
                    line.add(was == null ? null : was.offset());
                    line.add(target.get(of));
                    line.add(end.getOrDefault(of, 0L) - target.getOrDefault(of, 0L));
                    rows.add(line);
                });
        answer.table(List.of("partition", "was", dryRun ? "would be" : "is", "records after it"), rows);
    }
}
