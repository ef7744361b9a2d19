package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.rewind.Place;
import io.paillette.broker.rewind.Places;
import io.paillette.broker.rewind.RowKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "consume",
        description = {
            "Prints the records of a topic that are there, from some place on; with --follow those that come as well.",
            "A line for each: partition:offset, key, value, with a tab between them. Reads what is committed; no group, no offsets."
        },
        footer = {
            "",
            "With --json a line is an object: topic, partition, offset, timestamp, key, value, headers. A JSON object in key, value or a",
            "header comes as such, anything else as text; bytes that are no text come in base64, and keyEncoding, valueEncoding or",
            "headersEncoding says so. ./paillette produce --json takes such lines.",
            "",
            "Examples:",
            "  ./paillette consume app.public.orders --key id=42",
            "  ./paillette consume app.public.orders --from 2026-11-27T10:00:00Z --max 10 --json",
            "  ./paillette consume orders --json | ./paillette produce copy --json"
        },
        mixinStandardHelpOptions = true)
final class ConsumeCommand implements Callable<Integer> {

    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin
    private Remote remote = new Remote();

    @Mixin
    private Answer answer = new Answer();

    @Parameters(paramLabel = "TOPIC")
    private String topic = "";

    @Option(
            names = "--from",
            paramLabel = "PLACE",
            defaultValue = "beginning",
            description =
                    "beginning, end, an offset, a time (2026-11-27T10:00:00Z) or an LSN (default: ${DEFAULT-VALUE}).")
    private String from = "";

    @Option(
            names = "--key",
            paramLabel = "COLUMN=VALUE[,...]",
            description = "Records of this row alone, by its key: id=42.")
    private @Nullable String key;

    @Option(names = "--partition", paramLabel = "N", description = "This one alone.")
    private @Nullable Integer partition;

    @Option(names = "--max", paramLabel = "N", description = "No more than so many records.")
    private long max = Long.MAX_VALUE;

    @Option(names = "--follow", description = "Wait for more; Ctrl-C ends it.")
    private boolean follow;

    private long printed;

    @Override
    public Integer call() throws InterruptedException {
        return Task.run(remote, answer, this::consume);
    }

    private void consume() throws RefusedException {
        try (KafkaConsumer<byte[], byte[]> consumer = remote.consumer()) {
            Collection<TopicPartition> partitions = Partitions.of(consumer, topic, partition);
            Optional<RowKey> row = row();
            Map<TopicPartition, Long> start = start(new ConsumedTopic(consumer, partitions));
            if (follow) {
                follow(consumer, start, row);
            } else {
                var full = new HashSet<TopicPartition>();
                new TopicScan(consumer).over(start, consumer.endOffsets(partitions), full::contains, record -> {
                    print(record, row);
                    if (printed >= max) {
                        full.addAll(partitions);
                    }
                });
            }
        }
        answer.out().flush();
    }

    private Optional<RowKey> row() throws RefusedException {
        try {
            return key == null ? Optional.empty() : Optional.of(RowKey.parse(key));
        } catch (io.paillette.broker.feed.RefusedException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    private Map<TopicPartition, Long> start(ConsumedTopic consumed) throws RefusedException {
        try {
            return consumed.byPartition(new Places(topic, consumed).of(Place.parse(from)));
        } catch (io.paillette.broker.feed.RefusedException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> start, Optional<RowKey> row) {
        consumer.assign(start.keySet());
        start.forEach(consumer::seek);
        while (printed < max && !answer.out().checkError()) {
            consumer.poll(POLL).forEach(record -> print(record, row));
        }
    }

    private void print(ConsumerRecord<byte[], byte[]> record, Optional<RowKey> row) {
        if (printed >= max || (row.isPresent() && !row.get().matches(record.key()))) {
            return;
        }
        printed++;
        if (!answer.isJson()) {
            answer.out()
                    .println(record.partition() + ":" + record.offset() + "\t" + text(record.key()) + "\t"
                            + text(record.value()));
            return;
        }
        answer.line(RecordLine.of(record));
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "null" : new String(bytes, UTF_8);
    }
}
