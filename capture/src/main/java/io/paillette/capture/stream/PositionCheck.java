package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.OnSlotLoss;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a source could go on from a position that somebody gives it, without changing anything. */
public final class PositionCheck {

    private static final Logger LOG = LoggerFactory.getLogger(PositionCheck.class);

    private PositionCheck() {}

    /** See {@link io.paillette.capture.Capture#obstacle}. */
    public static Optional<String> obstacle(CaptureSettings settings, Position from) throws CaptureException {
        SourceDatabase source = new SourceDatabase(settings).impatient();
        try (Connection connection = source.connect();
                var slotSide = SlotSide.open(source, connection)) {
            Optional<Slot> slot = slotSide.find();
            Optional<Predecessor> predecessor = from.predecessor();
            Optional<String> broken = predecessor.isPresent()
                    ? new Takeover(source, slotSide.primary(), from, predecessor.get()).broken(connection, slot)
                    : new Continuity(source, slotSide.primary(), from).broken(slot);
            if (broken.isEmpty() && predecessor.isEmpty()) {
                slot.ifPresent(found -> warnOfWhatIsGone(settings, found, from));
            }
            return broken.filter(obstacle -> isLoss(settings, obstacle));
        } catch (SQLException e) {
            throw Faults.of("Source " + settings.name() + " could not be asked whether it can go on", e);
        }
    }

    /** What is lost is read again, where the settings say so; not what is refused in any case. */
    private static boolean isLoss(CaptureSettings settings, String obstacle) {
        if (settings.slotRules().onLoss() == OnSlotLoss.FAIL) {
            return true;
        }
        LOG.warn("Source {}: {}; its tables will be read again, as on.slot.loss says", settings.name(), obstacle);
        return false;
    }

    /** Which may well be nothing: a stored position is behind the slot of a quiet source. */
    private static void warnOfWhatIsGone(CaptureSettings settings, Slot slot, Position from) {
        if (slot.confirmed().compareTo(from.end()) > 0) {
            LOG.warn(
                    "Source {}: slot {} begins at {}: what changed between the given position {} and there is not told"
                            + " again",
                    settings.name(),
                    slot.name(),
                    slot.confirmed(),
                    from.end());
        }
    }
}
