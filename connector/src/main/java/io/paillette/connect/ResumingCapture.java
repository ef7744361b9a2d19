package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Position;
import io.paillette.connect.signal.SignalReader;
import io.paillette.connect.signal.SignalSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A capture that is started again after a fault that passes. It can only start at what is durable, because the slot may
 * let go of everything before its start; what it delivered beyond that is in Connect's hands already and is left out when
 * it comes again. Rows that were read are durable at once where Kafka transactions are ours; elsewhere those since the last
 * flush of offsets come again, as after a restart of the worker.
 */
final class ResumingCapture implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ResumingCapture.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final CaptureSettings settings;
    private final SignalSettings signals;
    private final Consumer<String> faults;
    private final Supplier<Optional<Position>> durable;

    /** Read by the threads that say what is stored. */
    private volatile @Nullable Capture capture;

    /** Reads for this capture alone: the next one goes on where what is durable says. */
    private @Nullable SignalReader signalReader;

    private Duration pause = FIRST_PAUSE;
    private long notBefore;

    /** What was delivered before is stored first: that takes one poll more. */
    private boolean settling;

    /** Last change of the stream that was delivered. */
    private @Nullable Position delivered;

    /** Whether changes may come that were delivered before. */
    private boolean repeating;

    /** Nothing is started before the first poll; {@code durable} is asked at each start where that is, {@code faults} is told of each end. */
    ResumingCapture(
            CaptureSettings settings,
            SignalSettings signals,
            Supplier<Optional<Position>> durable,
            Consumer<String> faults) {
        this.settings = settings;
        this.signals = signals;
        this.faults = faults;
        this.durable = durable;
        this.notBefore = System.nanoTime();
    }

    /**
     * The next events; none when none came within {@code wait}, or while a fault that passes goes on.
     *
     * @throws ConnectException when a person must act
     */
    List<CaptureEvent> poll(Duration wait) throws InterruptedException {
        try {
            Capture running = capture;
            if (running == null && settling) {
                settling = false;
                return List.of();
            }
            if (running == null) {
                long rest = notBefore - System.nanoTime();
                if (rest > 0) {
                    TimeUnit.NANOSECONDS.sleep(Math.min(rest, wait.toNanos()));
                    return List.of();
                }
                running = started(durable.get());
            }
            List<CaptureEvent> events = running.poll(wait);
            return events.isEmpty() ? events : unseen(events);
        } catch (CaptureException e) {
            broken(e);
            return List.of();
        }
    }

    private Capture started(Optional<Position> from) throws CaptureException {
        Capture started = Capture.start(settings, from);
        capture = started;
        repeating = delivered != null;
        if (!signals.isEmpty()) {
            long next = from.map(position -> position.snapshot().nextSignal()).orElse(0L);
            signalReader = SignalReader.start(signals, started::signal, next);
        }
        return started;
    }

    private void broken(CaptureException fault) {
        close();
        if (!fault.isTransient()) {
            throw new ConnectException(fault.getMessage(), fault);
        }
        settling = true;
        faults.accept(fault.getMessage());
        log.warn("Source {}: {} Trying again in {} ms.", settings.name(), fault.getMessage(), pause.toMillis());
        notBefore = System.nanoTime() + pause.toNanos();
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }

    private List<CaptureEvent> unseen(List<CaptureEvent> events) {
        pause = FIRST_PAUSE;
        List<CaptureEvent> unseen =
                repeating ? events.stream().filter(this::isUnseen).toList() : events;
        repeating = repeating && unseen.stream().noneMatch(ResumingCapture::isOfStream);
        for (int i = unseen.size() - 1; i >= 0; i--) {
            if (isOfStream(unseen.get(i))) {
                delivered = unseen.get(i).position();
                break;
            }
        }
        return unseen;
    }

    private boolean isUnseen(CaptureEvent event) {
        return delivered == null || !isOfStream(event) || event.position().isBeyond(delivered);
    }

    /** Only changes of the WAL have an order of their own; rows that are read, and steps of that, come in between. */
    private static boolean isOfStream(CaptureEvent event) {
        boolean read = event instanceof CaptureEvent.Row row && row.kind().isRead();
        return !read && !(event instanceof CaptureEvent.SnapshotStep);
    }

    /** The capture, while it runs. Any thread. */
    Optional<Capture> running() {
        return Optional.ofNullable(capture);
    }

    /** See {@link Capture#stored}; nothing happens while no capture runs. Any thread. */
    void stored(Position position) {
        Capture running = capture;
        if (running != null) {
            running.stored(position);
        }
    }

    @Override
    public void close() {
        SignalReader reader = signalReader;
        signalReader = null;
        if (reader != null) {
            reader.close();
        }
        Capture running = capture;
        capture = null;
        if (running != null) {
            running.close();
        }
    }
}
