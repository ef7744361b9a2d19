package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Position;
import io.paillette.capture.type.BadValueException;
import io.paillette.connect.RecordBatches.Batch;
import io.paillette.connect.metrics.Registration;
import io.paillette.connect.metrics.SourceMetrics;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one task: capture's events become records, Connect's commits become confirmations to the slot.
 *
 * <pre>
 *   Capture -> ResumingCapture -> RecordBatches (with ChangeStructs) -> poll() -> Connect
 *      ^                                                                            |
 *      +---- stored(position) <- SlotConfirmation <- commitRecord(), commit() <-----+
 * </pre>
 */
public final class PostgresSourceTask extends SourceTask {

    private static final Logger log = LoggerFactory.getLogger(PostgresSourceTask.class);

    /** How long poll waits when nothing happens. Connect stops a task only between two polls. */
    private static final Duration POLL_WAIT = Duration.ofMillis(250);

    /** What Connect gives to the producer of this connector; what the worker gives to all is not told. */
    private static final String TRANSACTION_TIMEOUT = "producer.override.transaction.timeout.ms";

    private static final String DEFAULT_TRANSACTION_TIMEOUT = "60000";

    /** Read by whoever asks for metrics, too. */
    private volatile @Nullable Running running;

    /** What start makes and stop lets go of. */
    private record Running(
            ResumingCapture capture,
            RecordBatches batches,
            SlotConfirmation confirmation,
            Optional<TransactionContext> transactions,
            SourceMetrics metrics,
            Registration registration) {}

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public void start(Map<String, String> props) {
        var config = new ConnectorConfig(props);
        config.notes().forEach(note -> log.info("Source {}: {}", config.topicPrefix(), note));
        Map<String, String> partition = config.partition();
        Supplier<Optional<Position>> stored = () -> storedOffset(partition, config);
        Optional<Position> start = start(stored);
        Optional<TransactionContext> transactions = Optional.ofNullable(context.transactionContext());
        SlotConfirmation confirmation = transactions.isPresent()
                ? SlotConfirmation.ofTransactions(start)
                : SlotConfirmation.ofStoredOffsets(start, stored);
        var debezium = new DebeziumEnvelope(
                Version.current(), config.topicPrefix(), config.database(), InstantSource.system());
        var structs = new ChangeStructs(
                config.naming(),
                config.captureSettings().values(),
                config.envelope(debezium),
                debezium,
                config.hasTombstones());
        var notifications =
                new Notifications(config.notifications(), config.topicPrefix(), start, InstantSource.system());
        CaptureSettings settings = config.captureSettings();
        var metrics =
                new SourceMetrics(this::capture, confirmation::durable, settings.queueBytes(), InstantSource.system());
        running = new Running(
                new ResumingCapture(settings, config.signals(), confirmation::durable, metrics::broke),
                new RecordBatches(
                        partition, event -> records(event, structs, notifications), limits(props), System::nanoTime),
                confirmation,
                transactions,
                metrics,
                Registration.of(metrics, config.topicPrefix()));
    }

    private Optional<Capture> capture() {
        Running task = running;
        return task == null ? Optional.empty() : task.capture().running();
    }

    private static List<Change> records(CaptureEvent event, ChangeStructs structs, Notifications notifications) {
        List<Change> changes = structs.of(event);
        List<Change> told = notifications.of(event.position());
        if (told.isEmpty()) {
            return changes;
        }
        List<Change> all = new ArrayList<>(changes);
        all.addAll(told);
        return all;
    }

    /** Connect has made the producer by now, so this is a number. */
    private static RecordBatches.Limits limits(Map<String, String> props) {
        String millis = props.getOrDefault(TRANSACTION_TIMEOUT, DEFAULT_TRANSACTION_TIMEOUT);
        return RecordBatches.Limits.within(Duration.ofMillis(Long.parseLong(millis.strip())));
    }

    private static Optional<Position> start(Supplier<Optional<Position>> stored) {
        try {
            return stored.get();
        } catch (IllegalArgumentException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private Optional<Position> storedOffset(Map<String, String> partition, ConnectorConfig config) {
        return Optional.ofNullable(context.offsetStorageReader().offset(partition))
                .map(offset -> SourceOffset.read(offset, config::takenOver));
    }

    /** The next records; null when there are none. Waits a quarter of a second at most. */
    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Running task = running();
        Batch batch = next(task);
        task.metrics().handed(batch.records().size());
        task.confirmation().returned(batch);
        if (batch.endsTransaction()) {
            task.transactions().ifPresent(TransactionContext::commitTransaction);
        }
        if (batch.records().isEmpty()) {
            // Transactions without a record for us move the position all the same.
            task.confirmation().durable().ifPresent(task.capture()::stored);
            return batch.endsTransaction() ? List.of() : null;
        }
        return List.copyOf(batch.records());
    }

    private static Batch next(Running task) throws InterruptedException {
        try {
            List<CaptureEvent> events = task.capture().poll(POLL_WAIT);
            task.metrics().seen(events);
            if (events.isEmpty() && task.capture().running().isEmpty()) {
                task.batches().captureBroke();
            }
            task.batches().add(events);
            return task.batches().take();
        } catch (BadValueException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
        if (record instanceof CapturedRecord captured) {
            running().confirmation().committed(captured);
        }
    }

    @Override
    public void commit() {
        Running task = running();
        task.confirmation().flushed();
        task.confirmation().durable().ifPresent(task.capture()::stored);
    }

    @Override
    public void stop() {
        Running task = running;
        if (task != null) {
            task.capture().close();
            task.registration().close();
        }
    }

    private Running running() {
        Running task = running;
        if (task == null) {
            throw new IllegalStateException("the task was not started");
        }
        return task;
    }
}
