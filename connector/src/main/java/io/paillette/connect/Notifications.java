package io.paillette.connect;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.struct.Change;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of the reading of rows, as Debezium's notifications (Debezium 3.6: {@code SinkNotificationChannel}). They are
 * made from how one position differs from the one before, and go with it: each is told once, whatever is killed. For one
 * thread.
 */
final class Notifications {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final String INITIAL = "Initial Snapshot";
    private static final String INCREMENTAL = "Incremental Snapshot";
    private static final String TABLES = "data_collections";

    private static final Schema KEY = SchemaBuilder.struct()
            .name("io.debezium.connector.common.NotificationKey")
            .version(1)
            .field("id", Schema.STRING_SCHEMA)
            .build();

    private static final Schema VALUE = SchemaBuilder.struct()
            .name("io.debezium.connector.common.Notification")
            .version(1)
            .field("id", Schema.STRING_SCHEMA)
            .field("type", Schema.STRING_SCHEMA)
            .field("aggregate_type", Schema.STRING_SCHEMA)
            .field(
                    "additional_data",
                    SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA)
                            .optional()
                            .build())
            .field("timestamp", Schema.INT64_SCHEMA)
            .build();

    private final Channels channels;
    private final String source;
    private final InstantSource clock;
    private final List<Change> told = new ArrayList<>();

    /** Empty at the first start, before anything was read. */
    private Optional<SnapshotProgress> last;

    /** @param topic where they are records; empty where they are not */
    record Channels(Optional<String> topic, boolean log) {

        boolean isEmpty() {
            return topic.isEmpty() && !log;
        }
    }

    /** @param from the stored position */
    Notifications(Channels channels, String source, Optional<Position> from, InstantSource clock) {
        this.channels = channels;
        this.source = source;
        this.last = from.map(Position::snapshot);
        this.clock = clock;
    }

    /** The records that the step to this position means. */
    @SuppressWarnings("ReferenceEquality") // what is the same is seen soon; what is equal makes no difference
    List<Change> of(Position now) {
        SnapshotProgress progress = now.snapshot();
        if (channels.isEmpty() || (last.isPresent() && last.get() == progress)) {
            return List.of();
        }
        told.clear();
        tellInitial(progress);
        List<BackfillProgress> before = last.map(SnapshotProgress::backfills).orElse(List.of());
        if (before != progress.backfills()) {
            tellBackfills(before, progress.backfills());
        }
        last = Optional.of(progress);
        return List.copyOf(told);
    }

    private void tellInitial(SnapshotProgress now) {
        if (last.isEmpty()) {
            tell(UUID.randomUUID().toString(), INITIAL, now.complete() ? "SKIPPED" : "STARTED", Map.of());
        }
        SnapshotProgress before = last.orElse(now.complete() ? now : SnapshotProgress.NOT_STARTED);
        if (before.complete()) {
            return;
        }
        now.tables().stream()
                .filter(table -> before.tables().stream().noneMatch(known -> known.oid() == table.oid()))
                .forEach(table -> tell(
                        UUID.randomUUID().toString(),
                        INITIAL,
                        "TABLE_SCAN_COMPLETED",
                        Map.of("scanned_collection", table.name().toString(), "status", "SUCCEEDED")));
        if (now.complete()) {
            tell(UUID.randomUUID().toString(), INITIAL, "COMPLETED", Map.of());
        }
    }

    /** All tables of one signal together, as its sender knows them. */
    private void tellBackfills(List<BackfillProgress> before, List<BackfillProgress> now) {
        Map<String, List<BackfillProgress>> old = bySignal(before);
        Map<String, List<BackfillProgress>> current = bySignal(now);
        current.forEach((signal, all) -> {
            if (old.containsKey(signal)) {
                tellStep(signal, old.get(signal), all);
            } else {
                tellOf(signal, "STARTED", Map.of(TABLES, tables(all)));
            }
        });
        old.forEach((signal, all) -> {
            if (!current.containsKey(signal) && all.stream().anyMatch(one -> !one.hasEnded())) {
                tellOf(signal, "ABORTED", Map.of(TABLES, tables(all)));
            }
        });
    }

    private void tellStep(String signal, List<BackfillProgress> before, List<BackfillProgress> now) {
        boolean paused = isPaused(now);
        if (isPaused(before) != paused && now.stream().anyMatch(one -> !one.hasEnded())) {
            tellOf(signal, paused ? "PAUSED" : "RESUMED", Map.of(TABLES, tables(now)));
        }
        for (BackfillProgress one : now) {
            boolean hadEnded = before.stream()
                    .anyMatch(other -> other.asked().id().equals(one.asked().id()) && other.hasEnded());
            if (one.hasEnded() && !hadEnded) {
                tellOf(signal, "TABLE_SCAN_COMPLETED", ended(one, now));
            }
        }
        boolean under = before.stream().anyMatch(one -> !one.hasEnded());
        List<BackfillProgress> gone = before.stream()
                .filter(one -> !one.hasEnded()
                        && now.stream()
                                .noneMatch(other ->
                                        other.asked().id().equals(one.asked().id())))
                .toList();
        if (!gone.isEmpty()) {
            tellOf(signal, "ABORTED", Map.of(TABLES, tables(gone)));
        } else if (under && now.stream().allMatch(BackfillProgress::hasEnded)) {
            tellOf(signal, "COMPLETED", Map.of());
        }
    }

    private static Map<String, String> ended(BackfillProgress one, List<BackfillProgress> all) {
        String status = one.state() == State.FAILED ? "SQL_EXCEPTION" : one.rows() == 0 ? "EMPTY" : "SUCCEEDED";
        return Map.of(
                TABLES,
                tables(all),
                "scanned_collection",
                one.asked().table().toString(),
                "total_rows_scanned",
                Long.toString(one.rows()),
                "status",
                status);
    }

    private static boolean isPaused(List<BackfillProgress> all) {
        return all.stream().anyMatch(one -> !one.hasEnded() && one.asked().paused());
    }

    /** A backfill's id is {@code <signal's id>@<place of the signal>/<table>}. */
    private static Map<String, List<BackfillProgress>> bySignal(List<BackfillProgress> all) {
        return all.stream()
                .collect(Collectors.groupingBy(
                        one -> {
                            String id = one.asked().id();
                            return id.substring(
                                    0,
                                    id.length() - one.asked().table().toString().length() - 1);
                        },
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    private static String tables(List<BackfillProgress> all) {
        return all.stream().map(one -> one.asked().table().toString()).collect(Collectors.joining(","));
    }

    private void tellOf(String signal, String type, Map<String, String> data) {
        tell(signal.substring(0, signal.lastIndexOf('@')), INCREMENTAL, type, data);
    }

    private void tell(String id, String aggregate, String type, Map<String, String> data) {
        var all = new LinkedHashMap<>(data);
        all.put("connector_name", source);
        if (channels.log()) {
            LOG.info("Source {}: {} \"{}\" {} {}", source, aggregate, id, type, data);
        }
        channels.topic()
                .ifPresent(topic -> told.add(new Change(
                        topic,
                        KEY,
                        new Struct(KEY).put("id", id),
                        VALUE,
                        new Struct(VALUE)
                                .put("id", id)
                                .put("type", type)
                                .put("aggregate_type", aggregate)
                                .put("additional_data", all)
                                .put("timestamp", clock.millis()),
                        new ConnectHeaders())));
    }
}
