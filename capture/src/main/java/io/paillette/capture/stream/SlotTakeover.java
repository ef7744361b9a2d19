package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the stream, also when an earlier reader of the slot is not gone yet: the server notices a dead peer only after
 * wal_sender_timeout (60 s by default). One that calls itself as we do is ended then; a stranger never is.
 */
final class SlotTakeover {

    private static final Logger LOG = LoggerFactory.getLogger(SlotTakeover.class);
    private static final String OBJECT_IN_USE = "55006";
    private static final Duration AFTER_TERMINATION = Duration.ofSeconds(10);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final SlotStream wanted;
    private final BooleanSupplier closing;

    SlotTakeover(SlotStream wanted, BooleanSupplier closing) {
        this.wanted = wanted;
        this.closing = closing;
    }

    ReplicationConnection open(Lsn from) throws CaptureException, InterruptedException {
        long deadline = System.nanoTime()
                + wanted.source().settings().slotRules().patience().toNanos();
        boolean terminated = false;
        for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)) {
            try {
                return ReplicationConnection.open(wanted, from);
            } catch (SQLException e) {
                if (!Faults.state(e).equals(OBJECT_IN_USE)) {
                    throw refused(from, e);
                }
                if (System.nanoTime() - deadline > 0) {
                    Slot slot = find().orElseThrow(
                                    () -> Faults.fatal("Slot " + wanted.slot() + " was dropped while it was opened."));
                    if (terminated || !wanted.source().applicationName().equals(slot.application())) {
                        throw new CaptureException(slot.activeMessage(), true, e);
                    }
                    LOG.warn(
                            "Source {}: ending the earlier reader of slot {}, pid {}",
                            wanted.source().settings().name(),
                            slot.name(),
                            slot.activePid());
                    terminate(slot);
                    terminated = true;
                    deadline = System.nanoTime() + AFTER_TERMINATION.toNanos();
                }
            }
            if (closing.getAsBoolean()) {
                throw new InterruptedException("closing");
            }
            Thread.sleep(pause);
        }
    }

    private Optional<Slot> find() throws CaptureException {
        try (Connection connection = wanted.source().ofSlot().connect()) {
            return Slot.find(connection, wanted.slot(), wanted.server());
        } catch (SQLException e) {
            throw Faults.of("Slot " + wanted.slot() + " could not be looked at", e);
        }
    }

    private void terminate(Slot slot) throws CaptureException {
        try (Connection connection = wanted.source().ofSlot().connect()) {
            slot.terminateReader(connection);
        } catch (SQLException e) {
            throw Faults.of("The earlier reader of slot " + wanted.slot() + " could not be ended", e);
        }
    }

    /** Between the look at the slot and now the rows of the tables were read, which takes its time. */
    private CaptureException refused(Lsn from, SQLException cause) throws CaptureException {
        Optional<Slot> slot = find();
        Optional<String> loss = slot.isPresent()
                ? slot.get().lost()
                : Optional.of("Slot " + wanted.slot() + " was dropped before it was read from " + from);
        return loss.map(what -> SlotLoss.found(what, wanted.source().settings(), cause))
                .orElseGet(() -> Faults.of("Slot " + wanted.slot() + " cannot be read from " + from, cause));
    }
}
