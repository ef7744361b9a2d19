package io.paillette.broker.cli.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The broker that a command is for, as Kafka's own tools name it. */
final class Remote {

    private static final String TIMEOUT_MS = "15000";
    private static final String DELIVERY_TIMEOUT_MS = "30000";

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = "The broker (default: ${DEFAULT-VALUE}).")
    private String servers = "";

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the client, such as security.protocol.")
    private @Nullable Path config;

    Admin admin() throws RefusedException {
        return Admin.create(properties());
    }

    /** Of no group; reads what is committed. */
    KafkaConsumer<byte[], byte[]> consumer() throws RefusedException {
        Properties properties = properties();
        properties.putIfAbsent("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest"); // what was asked for may be deleted meanwhile
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Idempotent, as Kafka's own is: what is sent again is there once. */
    KafkaProducer<byte[], byte[]> producer() throws RefusedException {
        Properties properties = properties();
        properties.putIfAbsent("max.block.ms", TIMEOUT_MS);
        properties.putIfAbsent("delivery.timeout.ms", DELIVERY_TIMEOUT_MS);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    Map<TopicPartition, Long> offsets(Admin admin, Collection<TopicPartition> partitions, OffsetSpec which)
            throws RefusedException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> which));
        return await(admin.listOffsets(asked).all()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, found -> found.getValue().offset()));
    }

    /** @throws RefusedException when the broker cannot be reached, or refuses */
    <T> T await(KafkaFuture<T> answer) throws RefusedException, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw refused(e.getCause() == null ? e : e.getCause());
        }
    }

    RefusedException refused(Throwable cause) {
        Throwable innermost = cause;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = String.valueOf(innermost.getMessage());
        RefusedException refused = cause instanceof TimeoutException || cause instanceof DisconnectException
                ? new RefusedException(
                        "the broker at " + servers + " does not answer (" + message
                                + "): see that it runs, and that --bootstrap-server is the address after \"kafka=\" of its line")
                : new RefusedException(message);
        refused.initCause(cause);
        return refused;
    }

    private Properties properties() throws RefusedException {
        var properties = new Properties();
        if (config != null) {
            try (var in = Files.newInputStream(config)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                var refused = new RefusedException("--command-config " + config + " cannot be read: " + e);
                refused.initCause(e);
                throw refused;
            }
        }
        properties.put("bootstrap.servers", servers);
        properties.putIfAbsent("default.api.timeout.ms", TIMEOUT_MS);
        properties.putIfAbsent("request.timeout.ms", TIMEOUT_MS);
        return properties;
    }
}
