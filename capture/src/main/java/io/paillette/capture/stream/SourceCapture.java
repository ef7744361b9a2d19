package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts slot and publications in place and runs the two threads of a capture: the reader and {@link TableWatch}. */
public final class SourceCapture implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceCapture.class);
    private static final Duration WILLING = Duration.ofMillis(500);
    private static final Duration FORCED = Duration.ofSeconds(10);

    private final Outlet outlet;
    private final SourceReader reader;
    private final Thread readerThread;
    private final TableWatch watch;
    private final WalLag lag;

    private SourceCapture(PreparedSource prepared) {
        Joins joins = new Joins();
        var settings = prepared.source().settings();
        this.outlet = new Outlet(new EventQueue(settings.queueBytes()), prepared.from());
        this.reader = new SourceReader(prepared, outlet, joins);
        this.lag = new WalLag(reader::confirmed);
        this.watch = new TableWatch(prepared.source(), prepared.publications(), joins, outlet::stored, lag);
        this.readerThread = new Thread(reader, "paillette-capture-" + settings.name());
        readerThread.setDaemon(true);
    }

    /** See {@link io.paillette.capture.Capture#start}. */
    public static SourceCapture start(CaptureSettings settings, Optional<Position> from) throws CaptureException {
        var capture = new SourceCapture(prepare(new SourceDatabase(settings), from));
        capture.readerThread.start();
        capture.watch.start();
        return capture;
    }

    private static PreparedSource prepare(SourceDatabase source, Optional<Position> from) throws CaptureException {
        CaptureSettings settings = source.settings();
        try (Connection connection = source.connect()) {
            ServerFacts server = ServerFacts.read(connection);
            Optional<Slot> existing = Slot.find(connection, settings.slot(), server);
            if (from.isPresent() && existing.isEmpty()) {
                throw Faults.fatal("Slot " + settings.slot() + " is gone; rows changed since "
                        + from.get().end() + " are lost to it: forget the stored position of source "
                        + settings.name() + " to read its tables again from the start.");
            }
            server.check(settings.slot(), existing.isPresent());
            var publications = new Publications(settings, server);
            publications.create(connection);
            new DdlTrigger(settings, publications).apply(connection);
            for (CapturedTable table : publications.tables(connection)) {
                if (!table.inPlace()) {
                    publications.place(connection, table, existing.isPresent());
                } else if (table.joining() && existing.isEmpty()) {
                    publications.joined(connection, table);
                }
            }
            Slot slot = existing.isPresent() ? existing.get() : Slot.create(connection, settings.slot());
            Position start = from.orElseGet(() -> Position.between(
                    slot.confirmed(),
                    settings.snapshot() == SnapshotMode.INITIAL
                            ? SnapshotProgress.NOT_STARTED
                            : SnapshotProgress.DONE));
            List<CapturedTable> tables = publications.tables(connection).stream()
                    .filter(CapturedTable::captured)
                    .toList();
            return new PreparedSource(source, server, publications, start, tables);
        } catch (SQLException e) {
            throw Faults.of("Source " + settings.name() + " could not be prepared", e);
        }
    }

    /** See {@link io.paillette.capture.Capture#poll}. */
    public List<CaptureEvent> poll(Duration wait) throws CaptureException, InterruptedException {
        return outlet.queue().poll(wait);
    }

    /** See {@link io.paillette.capture.Capture#wake}. */
    public void wake() {
        outlet.queue().wake();
    }

    /** See {@link io.paillette.capture.Capture#stored}. */
    public void stored(Position position) {
        outlet.stored(position);
    }

    /** See {@link io.paillette.capture.Capture#lagBytes}. */
    public OptionalLong lagBytes() {
        return lag.bytes();
    }

    @Override
    public void close() {
        reader.stop();
        watch.close();
        try {
            readerThread.join(WILLING.toMillis());
            if (readerThread.isAlive()) {
                reader.abort();
                readerThread.interrupt();
                readerThread.join(FORCED.toMillis());
            }
        } catch (InterruptedException e) {
            reader.abort();
            Thread.currentThread().interrupt();
        }
        if (readerThread.isAlive()) {
            LOG.warn("{} did not end; it ends with its connection", readerThread.getName());
        }
    }
}
