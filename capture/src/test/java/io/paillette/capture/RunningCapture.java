package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A capture with what it delivered so far; stores (remembers) a position only when told to. */
final class RunningCapture implements AutoCloseable {

    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    private final Capture capture;
    private final List<CaptureEvent> events = new ArrayList<>();

    private RunningCapture(Capture capture) {
        this.capture = capture;
    }

    static CaptureSettings settings(Database database, SnapshotMode mode, boolean ddlTrigger) {
        return settings(database, mode, ddlTrigger, "16777216");
    }

    /** With a queue that holds hardly anything: the reader is a batch or two ahead of what was polled. */
    static CaptureSettings narrow(Database database, SnapshotMode mode, boolean ddlTrigger) {
        return settings(database, mode, ddlTrigger, "1");
    }

    private static CaptureSettings settings(
            Database database, SnapshotMode mode, boolean ddlTrigger, String queueBytes) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        queueBytes,
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.TABLES,
                        "public.*",
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MODE,
                        mode == SnapshotMode.INITIAL ? "initial" : "no_data",
                        CaptureOption.DDL_TRIGGER,
                        String.valueOf(ddlTrigger)));
    }

    /** So many tables at once, all of their rows first. */
    static CaptureSettings reading(Database database, int tablesAtOnce, long queueBytes) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        String.valueOf(queueBytes),
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        String.valueOf(tablesAtOnce)));
    }

    static CaptureSettings settings(Database database) {
        return settings(database, SnapshotMode.NO_DATA, true);
    }

    static RunningCapture start(CaptureSettings settings) throws CaptureException {
        return new RunningCapture(Capture.start(settings, Optional.empty()));
    }

    /** The position behind the first reading of all tables. */
    static Position read(CaptureSettings settings) throws CaptureException, InterruptedException {
        try (var running = start(settings)) {
            running.await(events -> !events.isEmpty()
                    && events.get(events.size() - 1).position().snapshot().complete());
            return running.events().get(running.events().size() - 1).position();
        }
    }

    /** From the beginning, or from a position that went through its text form; with tables read in these segments. */
    static RunningCapture start(CaptureSettings settings, @Nullable Position from, SegmentBounds bounds)
            throws CaptureException {
        Optional<Position> stored =
                Optional.ofNullable(from).map(position -> PositionText.read(PositionText.write(position)));
        return new RunningCapture(Capture.start(settings, stored, bounds));
    }

    static RunningCapture resume(CaptureSettings settings, Position from) throws CaptureException {
        return new RunningCapture(Capture.start(settings, Optional.of(from)));
    }

    static RunningCapture resume(CaptureSettings settings, Position from, Arrears arrears) throws CaptureException {
        return new RunningCapture(Capture.start(settings, Optional.of(from), arrears));
    }

    Capture capture() {
        return capture;
    }

    List<CaptureEvent> events() {
        return events;
    }

    /** Polls until {@code enough} holds of all events so far, and returns them. */
    List<CaptureEvent> await(Predicate<List<CaptureEvent>> enough) throws CaptureException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!enough.test(events)) {
            if (System.nanoTime() > deadline) {
                List<String> texts = texts();
                throw new AssertionError("not delivered in time; so far " + events.size() + " events, the last "
                        + texts.subList(Math.max(0, texts.size() - 20), texts.size()));
            }
            events.addAll(capture.poll(Duration.ofMillis(100)));
        }
        return events;
    }

    /** Polls until {@code count} rows, truncates and messages came. */
    List<String> awaitChanges(int count) throws CaptureException, InterruptedException {
        await(all -> texts().size() >= count);
        return texts();
    }

    /** Polls until a row with this text came. */
    List<String> awaitText(String text) throws CaptureException, InterruptedException {
        await(all -> !all.isEmpty() && texts().contains(text));
        return texts();
    }

    /** Polls once. */
    void awaitMoment() throws CaptureException, InterruptedException {
        events.addAll(capture.poll(Duration.ofMillis(100)));
    }

    void storeAll() {
        if (!events.isEmpty()) {
            capture.stored(events.get(events.size() - 1).position());
        }
    }

    /** Events but for commits and progress as text, for instance {@code INSERT t[1, a]} and {@code MESSAGE prefix content}. */
    List<String> texts() {
        return texts(events);
    }

    static List<String> texts(List<CaptureEvent> events) {
        List<String> texts = new ArrayList<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row) {
                texts.add(row.kind() + " " + row.relation().name().table() + values(row));
            } else if (event instanceof CaptureEvent.Truncate truncate) {
                texts.add("TRUNCATE "
                        + truncate.relations().stream()
                                .map(relation -> relation.name().table())
                                .toList());
            } else if (event instanceof CaptureEvent.LogicalMessage message) {
                texts.add((message.transactional() ? "MESSAGE " : "NOTICE ") + message.prefix() + " "
                        + new String(message.content(), UTF_8));
            }
        }
        return texts;
    }

    /** Values of rows as {@link #texts} has them, between the brackets. */
    static List<String> rows(Database database, String query) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            for (String setting : RandomWorkload.TEXT_SETTINGS) {
                statement.execute(setting);
            }
            List<String> rows = new ArrayList<>();
            try (var row = statement.executeQuery(query)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(String.join(", ", values));
                }
            }
            return rows;
        }
    }

    /** The new row, or the old one of a delete, as text. */
    static List<String> values(CaptureEvent.Row row) {
        Tuple after = row.after();
        return values(Objects.requireNonNull(after != null ? after : row.before()));
    }

    static List<String> values(Tuple tuple) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < tuple.size(); i++) {
            byte[] value = tuple.value(i);
            values.add(value == null ? "null" : tuple.isUnchanged(i) ? "unchanged" : new String(value, UTF_8));
        }
        return values;
    }

    @Override
    public void close() {
        capture.close();
    }
}
