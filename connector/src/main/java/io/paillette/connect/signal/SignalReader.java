package io.paillette.connect.signal;

import io.paillette.capture.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads signals for one run of a capture. */
public final class SignalReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SignalReader.class);
    private static final Duration END = Duration.ofSeconds(5);

    private final SignalSettings settings;
    private final Receiver receiver;
    private final Thread thread;

    /** From where the topic is read on. Of the thread. */
    private long next;

    private @Nullable SignalTopic topic;

    /** Takes them in; see {@link io.paillette.capture.Capture#signal}. */
    @FunctionalInterface
    public interface Receiver {
        void signal(Optional<Signal> signal, long next) throws InterruptedException;
    }

    private SignalReader(SignalSettings settings, Receiver receiver, long next) {
        this.settings = settings;
        this.receiver = receiver;
        this.next = next;
        this.thread = new Thread(this::run, "paillette-signals-" + settings.source());
        thread.setDaemon(true);
    }

    /** @param next from where the topic is read on, as the source's position says */
    public static SignalReader start(SignalSettings settings, Receiver receiver, long next) {
        var reader = new SignalReader(settings, receiver, next);
        reader.thread.setContextClassLoader(SignalReader.class.getClassLoader());
        reader.thread.start();
        return reader;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                look();
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.debug("Source {}: signals are read no more", settings.source(), e);
        } finally {
            var unused = Thread.interrupted(); // or the consumer would not be closed in good order
            dropTopic();
        }
    }

    private void look() throws InterruptedException {
        readFile();
        try {
            if (settings.topic().isPresent()) {
                readTopic(settings.topic().get());
            } else {
                TimeUnit.NANOSECONDS.sleep(settings.interval().toNanos());
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("Source {}: signals cannot be read: {} Trying again.", settings.source(), e.getMessage());
            dropTopic();
            TimeUnit.NANOSECONDS.sleep(settings.interval().toNanos());
        }
    }

    private void readFile() throws InterruptedException {
        if (settings.file().isEmpty()) {
            return;
        }
        try {
            for (String line : new SignalFile(settings.file().get()).take()) {
                hand(parsed(line), next);
            }
        } catch (IOException e) {
            LOG.warn("Source {}: the file of signals cannot be read: {}", settings.source(), e.toString());
        }
    }

    private void readTopic(SignalSettings.Topic of) throws InterruptedException {
        if (topic == null) {
            topic = new SignalTopic(of, settings.source(), next);
        }
        boolean passed = false;
        for (ConsumerRecord<String, String> record : topic.read(settings.interval())) {
            next = record.offset() + 1;
            Optional<Signal> signal = settings.source().equals(record.key()) && record.value() != null
                    ? parsed(record.value())
                    : Optional.empty();
            passed = signal.isEmpty();
            if (signal.isPresent()) {
                hand(signal, next);
            }
        }
        if (passed) {
            hand(Optional.empty(), next);
        }
    }

    private void hand(Optional<Signal> signal, long after) throws InterruptedException {
        receiver.signal(signal, after);
    }

    private Optional<Signal> parsed(String json) {
        try {
            return Optional.of(Signal.parse(json));
        } catch (IllegalArgumentException e) {
            LOG.error("Source {}: a signal is not carried out: {}: {}", settings.source(), e.getMessage(), json);
            return Optional.empty();
        }
    }

    private void dropTopic() {
        SignalTopic dropped = topic;
        topic = null;
        if (dropped != null) {
            dropped.close();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{} did not end; it ends when Kafka answers", thread.getName());
        }
    }
}
