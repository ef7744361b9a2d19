package io.paillette.peer.streams;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts how many numbers of topic {@code numbers} leave which remainder, to topic {@code remainders}, and copies each number to
 * topic {@code copies}. Grouping by remainder changes the key, so there is a repartition topic; the counts are a state store,
 * so there is a changelog topic.
 *
 * <p>Prints {@code streams is RUNNING} whenever it is, {@code closed in time: true} after SIGTERM, and ends with 1 when Kafka
 * Streams gives up.
 */
public final class Remainders {

    private static final Duration CLOSE = Duration.ofSeconds(30);

    private Remainders() {}

    /** @param args bootstrap servers, application.id, group.protocol, processing.guarantee, state.dir, number of threads, divisor */
    public static void main(String[] args) {
        var config = new HashMap<String, Object>(Map.of(
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                args[0],
                StreamsConfig.APPLICATION_ID_CONFIG,
                args[1],
                StreamsConfig.GROUP_PROTOCOL_CONFIG,
                args[2],
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                args[3],
                StreamsConfig.STATE_DIR_CONFIG,
                args[4],
                StreamsConfig.NUM_STREAM_THREADS_CONFIG,
                args[5],
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                100,
                // Every count is written, not only the last one before a commit.
                StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
                0,
                StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG,
                1_000,
                StreamsConfig.consumerPrefix("auto.offset.reset"),
                "earliest"));
        if (args[2].equals("classic")) {
            // How long the tasks of one that was killed wait for another one; of streams groups the broker says it.
            config.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
        }
        var streams = new KafkaStreams(topology(Long.parseLong(args[6])), new StreamsConfig(config));
        streams.setStateListener((now, before) -> {
            System.out.println("streams is " + now);
            if (now == KafkaStreams.State.ERROR) {
                // Shutdown hooks would wait for the thread that tells us.
                Runtime.getRuntime().halt(1);
            }
        });
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> System.out.println("closed in time: " + streams.close(CLOSE)), "close"));
        streams.start();
    }

    private static Topology topology(long divisor) {
        var builder = new StreamsBuilder();
        KStream<Long, Long> numbers = builder.stream("numbers", Consumed.with(Serdes.Long(), Serdes.Long()));
        numbers.to("copies", Produced.with(Serdes.Long(), Serdes.Long()));
        numbers.groupBy((key, number) -> number % divisor, Grouped.with("by-remainder", Serdes.Long(), Serdes.Long()))
                .count(Materialized.as("counts"))
                .toStream()
                .to("remainders", Produced.with(Serdes.Long(), Serdes.Long()));
        return builder.build();
    }
}
