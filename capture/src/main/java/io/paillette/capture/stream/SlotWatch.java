package io.paillette.capture.stream;

import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Lsn;
import io.paillette.capture.SlotState;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much WAL of the source is not done with, and how much of it the slot holds back. The server is asked every few
 * seconds, and more often as long as somebody wants to know.
 */
final class SlotWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);
    private static final String STATE = SqlText.load("slot_watch");

    /** Of the calls of {@link #look} one in so many asks the server though nobody else has. */
    private static final int UNASKED = 10;

    private final CaptureSettings settings;
    private final Supplier<Lsn> done;
    private volatile boolean wanted;
    private volatile @Nullable Lsn end;
    private volatile @Nullable SlotState state;
    private int looks;
    private boolean warned;

    /** @param done all below is stored, or was nothing for us */
    SlotWatch(CaptureSettings settings, Supplier<Lsn> done) {
        this.settings = settings;
        this.done = done;
    }

    /** Called about once a second by one thread, with a connection to the source. */
    void look(Connection connection) throws SQLException {
        if (!wanted && looks++ % UNASKED != 0) {
            return;
        }
        wanted = false;
        try (var query = connection.prepareStatement(STATE)) {
            query.setString(1, settings.slot());
            try (var row = query.executeQuery()) {
                row.next();
                end = Lsn.parse(row.getString("wal_end"));
                long retained = row.getLong("retained");
                // Without a slot, or one that was lost, there is nothing to watch: the stream itself fails.
                state = row.wasNull() ? null : judged(retained, row.getString("wal_status"));
            }
        }
        tell();
    }

    private SlotState judged(long retained, @Nullable String walStatus) {
        String status = walStatus == null ? "" : walStatus;
        return new SlotState(retained, status, warning(retained, status));
    }

    private Optional<String> warning(long retained, String status) {
        String held = "slot " + settings.slot() + " holds back " + retained + " bytes of WAL";
        return switch (status) {
            case "unreserved" ->
                Optional.of(held + " and is lost at the next checkpoint (wal_status is unreserved): let capture catch"
                        + " up, or raise max_slot_wal_keep_size now.");
            case "extended" ->
                Optional.of(held + ", more than max_wal_size (wal_status is extended): let capture catch up, and see"
                        + " that the disk has room.");
            default ->
                retained < settings.slotRules().retainedWarnBytes()
                        ? Optional.empty()
                        : Optional.of(held + ", and slot.retained.wal.warn.bytes is "
                                + settings.slotRules().retainedWarnBytes()
                                + ": let capture catch up, look for a long transaction, and see that the disk has"
                                + " room.");
        };
    }

    /** Once when it begins and once when it is over: the figures change all the time. */
    private void tell() {
        SlotState now = state;
        Optional<String> warning = now == null ? Optional.empty() : now.warning();
        if (warning.isPresent() && !warned) {
            LOG.warn("Source {}: {}", settings.name(), warning.get());
        } else if (warned && now != null && warning.isEmpty()) {
            LOG.info(
                    "Source {}: slot {} holds back {} bytes of WAL again",
                    settings.name(),
                    settings.slot(),
                    now.retainedBytes());
        }
        warned = warning.isPresent();
    }

    /** As of the last look; empty before the first one. */
    OptionalLong lagBytes() {
        wanted = true;
        Lsn known = end;
        return known == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, known.value() - done.get().value()));
    }

    /** As of the last look; empty before the first one. */
    Optional<SlotState> slot() {
        wanted = true;
        return Optional.ofNullable(state);
    }
}
