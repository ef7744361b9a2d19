package io.paillette.benchmarks;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real Apache Kafka, one KRaft node, with the heap and collector of its own scripts and its defaults. */
final class KafkaBroker implements Broker {

    /** As {@code kafka-server-start.sh} and {@code kafka-run-class.sh}. */
    static final List<String> JVM_OPTIONS = List.of(
            "-Xms1g",
            "-Xmx1g",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent");

    private static final Duration STOP_LIMIT = Duration.ofMinutes(3);

    private final ApacheKafka kafka;

    /** @param settings beside its defaults and those of the test kit */
    KafkaBroker(Map<String, String> settings) {
        this.kafka = ApacheKafka.start(Peer.KAFKA_4, JVM_OPTIONS, settings);
    }

    @Override
    public String title() {
        return "Apache Kafka";
    }

    @Override
    public String bootstrap() {
        return kafka.bootstrap();
    }

    @Override
    public ChildJvm jvm() {
        return kafka.jvm();
    }

    @Override
    public Cost cost() {
        return new Cost(Usage.cpuSeconds(jvm()), Double.NaN, Usage.peakMegabytes(jvm()));
    }

    @Override
    public void settle() {
        PageCache.sync();
    }

    /** With SIGTERM: a killed one would read its whole log again when it starts. */
    @Override
    public void stop() {
        int code = jvm().terminate(STOP_LIMIT);
        // A JVM that ends in good order after SIGTERM says 143.
        if (code != 0 && code != 143) {
            Say.note("Apache Kafka ended with " + code + " after SIGTERM");
        }
    }

    @Override
    public void start() {
        kafka.start();
    }

    @Override
    public void close() {
        kafka.close();
    }
}
