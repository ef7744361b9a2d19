package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.Lsn;
import io.paillette.capture.type.BadValueException;
import io.paillette.connect.RecordBatches.Batch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one task: capture's events become records, Connect's commits become confirmations to the slot. */
public final class PostgresSourceTask extends SourceTask {

    private static final Logger log = LoggerFactory.getLogger(PostgresSourceTask.class);

    /** How long poll waits when nothing happens. Connect stops a task only between two polls. */
    private static final Duration POLL_WAIT = Duration.ofMillis(250);

    /** Below Kafka's default transaction.timeout.ms of a minute, with room for a slow commit. */
    private static final RecordBatches.Limits TRANSACTION = new RecordBatches.Limits(100_000, Duration.ofSeconds(20));

    private @Nullable Running running;

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public void start(Map<String, String> props) {
        var config = new ConnectorConfig(props);
        running = new Running(config, context.transactionContext());
    }
}
