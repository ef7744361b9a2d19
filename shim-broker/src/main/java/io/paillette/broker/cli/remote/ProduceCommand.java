package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "produce",
        description = {
            "Writes records to a topic: each line of the standard input is the value of one. Ends with the input, when all are stored.",
            "Sequences are written by nobody: they say what their tables did."
        },
        footer = {
            "",
            "Examples:",
            "  echo '{\"id\": 1}' | ./paillette produce orders --key 1 --header why=test",
            "  printf '1:one\\n2:two\\n' | ./paillette produce orders --key-separator :",
            "  ./paillette produce orders --key 1 --null-value",
            "  ./paillette consume orders --json | ./paillette produce copy --json"
        },
        mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {

    @Mixin
    private Remote remote = new Remote();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "TOPIC", description = "It has to be there: ./paillette topic create makes it.")
    private String topic = "";

    @Option(names = "--key", paramLabel = "KEY", description = "Of every record.")
    private @Nullable String key;

    @Option(
            names = "--key-separator",
            paramLabel = "TEXT",
            description = "Each line is a key, this, and a value, as with Kafka's parse.key and key.separator.")
    private @Nullable String separator;

    @Option(
            names = "--null-value",
            description =
                    "Without values: with --key a single record, and nothing is read; otherwise each line is a key.")
    private boolean nullValue;

    @Option(names = "--header", paramLabel = "NAME=VALUE", description = "Of every record; may be repeated.")
    private @Nullable Map<String, String> headers;

    @Option(
            names = "--partition",
            paramLabel = "N",
            description = "All go there. Without it the key says where, as with Kafka's producer.")
    private @Nullable Integer partition;

    @Option(
            names = "--json",
            description =
                    "Each line is an object as consume --json prints it, with any of key, value, headers, timestamp and"
                            + " partition; topic and offset do not count.")
    private boolean json;

    private final InputStream in;
    private final AtomicLong stored = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    ProduceCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() throws InterruptedException {
        var answer = new Answer(spec);
        return Task.run(remote, answer, () -> {
            requireSense();
            try {
                produce();
            } finally {
                answer.say(stored + (stored.get() == 1 ? " record is" : " records are") + " stored in " + topic);
            }
        });
    }

    private void requireSense() throws RefusedException {
        if (json && (key != null || separator != null || nullValue)) {
            throw new RefusedException(
                    "with --json the lines say key and value: leave --key, --key-separator and --null-value out");
        }
        if (separator != null && (key != null || nullValue || separator.isEmpty())) {
            throw new RefusedException(
                    "--key-separator is some text between key and value of a line: leave --key and --null-value out");
        }
    }

    private void produce() throws RefusedException, InterruptedException {
        int partitions = partitions();
        try (KafkaProducer<byte[], byte[]> producer = remote.producer()) {
            try {
                if (nullValue && key != null) {
                    send(producer, partitions, record(key.getBytes(UTF_8), null));
                } else {
                    sendLines(producer, partitions);
                }
            } catch (RefusedException e) {
                producer.flush(); // what was taken before a line that is none is stored too
                throw hasFailed()
                        ? new RefusedException(notStored().getMessage() + ". After it, " + e.getMessage())
                        : e;
            }
            producer.flush();
        }
        if (hasFailed()) {
            throw notStored();
        }
    }

    private int partitions() throws RefusedException, InterruptedException {
        try (Admin admin = remote.admin()) {
            if (!remote.await(admin.listTopics().names()).contains(topic)) {
                throw new RefusedException("there is no topic " + topic
                        + "; ./paillette topic create makes one, topic list names those there are");
            }
            return remote.await(admin.describeTopics(List.of(topic)).allTopicNames()).values().stream()
                    .mapToInt(found -> found.partitions().size())
                    .sum();
        }
    }

    private void sendLines(KafkaProducer<byte[], byte[]> producer, int partitions)
            throws RefusedException, InterruptedException {
        InputLines lines = InputLines.of(in);
        long number = 0;
        // What fails is said at once, and not when somebody types the next line.
        for (byte[] line = lines.next(this::hasFailed); line != null; line = lines.next(this::hasFailed)) {
            number++;
            try {
                send(producer, partitions, json ? withOptions(RecordLine.read(topic, line)) : parsed(line));
            } catch (RefusedException e) {
                var refused = new RefusedException("line " + number + ": " + e.getMessage());
                refused.initCause(e);
                throw refused;
            }
        }
    }

    private ProducerRecord<byte[], byte[]> parsed(byte[] line) throws RefusedException {
        if (nullValue) {
            return record(line, null);
        }
        if (separator == null) {
            return record(key == null ? null : key.getBytes(UTF_8), line);
        }
        // Byte for byte: neither key nor value has to be text.
        byte[] between = separator.getBytes(UTF_8);
        for (int at = 0; at + between.length <= line.length; at++) {
            if (Arrays.equals(line, at, at + between.length, between, 0, between.length)) {
                return record(Arrays.copyOf(line, at), Arrays.copyOfRange(line, at + between.length, line.length));
            }
        }
        throw new RefusedException("it has no \"" + separator + "\", with which its key ends");
    }

    private ProducerRecord<byte[], byte[]> record(byte @Nullable [] ofKey, byte @Nullable [] value) {
        return new ProducerRecord<>(topic, partition, null, ofKey, value, added());
    }

    private ProducerRecord<byte[], byte[]> withOptions(ProducerRecord<byte[], byte[]> read) {
        List<Header> all = new ArrayList<>(List.of(read.headers().toArray()));
        all.addAll(added());
        return new ProducerRecord<>(
                topic,
                partition == null ? read.partition() : partition,
                read.timestamp(),
                read.key(),
                read.value(),
                all);
    }

    private List<Header> added() {
        List<Header> added = new ArrayList<>();
        if (headers != null) {
            headers.forEach((name, value) -> added.add(new RecordHeader(name, value.getBytes(UTF_8))));
        }
        return added;
    }

    private void send(KafkaProducer<byte[], byte[]> producer, int partitions, ProducerRecord<byte[], byte[]> record)
            throws RefusedException {
        if (record.partition() != null && (record.partition() >= partitions || record.partition() < 0)) {
            throw new RefusedException("there is no partition " + record.partition() + ": topic " + topic
                    + " has partitions 0 to " + (partitions - 1)
                    + (json ? "; give --partition, or take partition out of the lines" : ""));
        }
        var unused = producer.send(record, (metadata, e) -> {
            if (e == null) {
                stored.incrementAndGet();
            } else {
                failure.compareAndSet(null, e);
            }
        });
    }

    private boolean hasFailed() {
        return failure.get() != null;
    }

    private RefusedException notStored() {
        Exception failed = failure.get();
        if (failed instanceof KafkaException) {
            return remote.refused(failed);
        }
        throw new KafkaException(failed);
    }
}
