package io.paillette.capture.stream;

import io.paillette.capture.Arrears;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.ReadingState;
import io.paillette.capture.Signal;
import io.paillette.capture.SlotState;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.snapshot.SegmentBounds;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the two threads of a capture: the reader and {@link TableWatch}. */
public final class SourceCapture implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceCapture.class);
    private static final Duration WILLING = Duration.ofMillis(500);
    private static final Duration FORCED = Duration.ofSeconds(10);

    private final Outlet outlet;
    private final SourceReader reader;
    private final Thread readerThread;
    private final TableWatch watch;
    private final SlotWatch slotWatch;
    private final boolean anew;

    private SourceCapture(PreparedSource prepared, SegmentBounds bounds) {
        Joins joins = new Joins();
        var settings = prepared.source().settings();
        this.outlet = new Outlet(
                new EventQueue(settings.queueBytes()),
                prepared.from(),
                prepared.arrears().kept());
        this.anew = prepared.anew();
        this.reader = new SourceReader(prepared, outlet, joins, bounds);
        this.slotWatch = new SlotWatch(settings, reader::done);
        this.watch = new TableWatch(prepared, joins, outlet::stored, slotWatch, reader::abort);
        this.readerThread = new Thread(reader, "paillette-capture-" + settings.name());
        readerThread.setDaemon(true);
    }

    /** See {@link io.paillette.capture.Capture#start}. */
    public static SourceCapture start(
            CaptureSettings settings, Optional<Position> from, Arrears arrears, SegmentBounds bounds)
            throws CaptureException {
        var capture =
                new SourceCapture(new SourcePreparation(new SourceDatabase(settings), from, arrears).prepare(), bounds);
        capture.readerThread.start();
        capture.watch.start();
        return capture;
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

    /** See {@link io.paillette.capture.Capture#keep}. */
    public void keep(Optional<Lsn> lsn) {
        outlet.keep(lsn);
    }

    /** See {@link io.paillette.capture.Capture#beganAnew}. */
    public boolean beganAnew() {
        return anew;
    }

    /** See {@link io.paillette.capture.Capture#lagBytes}. */
    public OptionalLong lagBytes() {
        return slotWatch.lagBytes();
    }

    /** See {@link io.paillette.capture.Capture#slot}. */
    public Optional<SlotState> slot() {
        return slotWatch.slot();
    }

    /** See {@link io.paillette.capture.Capture#queuedBytes}. */
    public long queuedBytes() {
        return outlet.queue().bytes();
    }

    /** See {@link io.paillette.capture.Capture#tables}. */
    public List<TableName> tables() {
        return watch.tables();
    }

    /** See {@link io.paillette.capture.Capture#reading}. */
    public ReadingState reading() {
        return reader.reading();
    }

    /** See {@link io.paillette.capture.Capture#backfill}. */
    public void backfill(List<Backfill> asked) {
        reader.backfill(asked);
    }

    /** See {@link io.paillette.capture.Capture#signal}. */
    public void signal(Optional<Signal> signal, long next) throws InterruptedException {
        reader.signal(signal, next);
    }

    /** See {@link io.paillette.capture.Capture#backfills}. */
    public List<BackfillProgress> backfills() {
        return outlet.stored().snapshot().backfills();
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
