package io.paillette.capture.stream;

import io.paillette.capture.Arrears;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.OnSlotLoss;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts publications and slot in place, and finds where reading begins. */
final class SourcePreparation {

    private static final Logger LOG = LoggerFactory.getLogger(SourcePreparation.class);

    private final SourceDatabase source;
    private final CaptureSettings settings;
    private final Optional<Position> stored;
    private final Arrears arrears;

    SourcePreparation(SourceDatabase source, Optional<Position> stored, Arrears arrears) {
        this.source = source;
        this.settings = source.settings();
        this.stored = stored;
        this.arrears = arrears;
    }

    PreparedSource prepare() throws CaptureException {
        try (Connection connection = source.connect();
                var slotSide = SlotSide.open(source, connection)) {
            ServerFacts server = slotSide.primary();
            Optional<Slot> existing = slotSide.find();
            slotSide.check(true);
            Optional<String> broken = broken(connection, server, existing);
            if (broken.isPresent() && settings.slotRules().onLoss() == OnSlotLoss.FAIL) {
                throw SlotLoss.fatal(broken.get());
            }
            slotSide.check(existing.isPresent());
            checkMessages(settings, server);
            new FailoverSlot(source, server).apply(broken.isPresent() ? Optional.empty() : existing);
            var publications = new Publications(settings, server);
            publications.create(connection);
            new DdlTrigger(settings, server, publications).apply(connection);
            publications.placeAll(connection, isTold(existing) || broken.isPresent());
            Position from = broken.isPresent()
                    ? again(connection, slotSide, publications, existing, broken.get())
                    : from(connection, slotSide, publications, existing);
            List<CapturedTable> tables = publications.captured(connection);
            tellInsertsOnly(tables);
            tellSignals(tables);
            boolean anew = broken.isPresent();
            return new PreparedSource(
                    source,
                    server,
                    publications,
                    from.on(server.identity()),
                    anew ? Arrears.NONE : arrears,
                    anew,
                    tables);
        } catch (SQLException e) {
            throw Faults.of("Source " + settings.name() + " could not be prepared", e);
        }
    }

    /** Who names prefixes waits for messages; who names none may well have a server that cannot send them. */
    static void checkMessages(CaptureSettings settings, ServerFacts server) throws CaptureException {
        if (!server.sendsMessages() && !settings.told().messages().included().isEmpty()) {
            throw Faults.fatal("Source " + settings.name()
                    + ": message.prefix.include.list asks for logical messages, which" + " Postgres "
                    + server.version() / 10000 + " does not send: leave it out, or upgrade to 14 or newer.");
        }
    }

    private Optional<String> broken(Connection connection, ServerFacts server, Optional<Slot> existing)
            throws CaptureException {
        if (stored.isEmpty()) {
            return existing.flatMap(Slot::lost);
        }
        Optional<Predecessor> predecessor = stored.get().predecessor();
        return predecessor.isPresent()
                ? new Takeover(source, server, stored.get(), predecessor.get()).broken(connection, existing)
                : continuity(server, existing);
    }

    /** Somebody may have moved the slot between what is in arrears and the position. */
    private Optional<String> continuity(ServerFacts server, Optional<Slot> existing) throws CaptureException {
        Optional<String> broken = new Continuity(source, server, stored.orElseThrow()).broken(existing);
        return broken.isPresent() || arrears.from().isEmpty()
                ? broken
                : new Continuity(source, server, arrears.from().get()).broken(existing);
    }

    /** Whether there are changes before this that the publications do not tell of a table that comes into them now. */
    private boolean isTold(Optional<Slot> existing) {
        Optional<Predecessor> toBegin = stored.flatMap(Position::predecessor).filter(Takeover::isToBegin);
        return existing.isPresent()
                && (toBegin.isEmpty() || Takeover.isUsable(existing.get(), toBegin.get(), stored.get()));
    }

    private Position from(Connection connection, SlotSide slotSide, Publications publications, Optional<Slot> existing)
            throws CaptureException, SQLException {
        Optional<Predecessor> predecessor = stored.flatMap(Position::predecessor);
        if (predecessor.isPresent()) {
            var takeover = new Takeover(source, slotSide.primary(), stored.get(), predecessor.get());
            return stored.get().after(takeover.begun(connection, slotSide, publications, existing));
        }
        Slot slot = existing.isPresent() ? existing.get() : slotSide.create();
        if (stored.isPresent()) {
            return caughtUp(stored.get(), slot, publications.captured(connection));
        }
        return Position.between(
                slot.confirmed(),
                settings.snapshot().mode() == SnapshotMode.INITIAL
                        ? SnapshotProgress.NOT_STARTED
                        : SnapshotProgress.DONE);
    }

    /**
     * What the slot has let go of was nothing for us. A table that is to be read is read, though the position says it was, when
     * that was before it was marked, or before all that the slot still has.
     */
    private static Position caughtUp(Position stored, Slot slot, List<CapturedTable> tables) {
        List<CapturedTable> joining =
                tables.stream().filter(CapturedTable::joining).toList();
        Predicate<TableSnapshot> valid = reading -> joining.stream().noneMatch(table -> table.oid() == reading.oid())
                || (reading.first().until().compareTo(slot.restart()) >= 0
                        && joining.stream().anyMatch(table -> table.isReadBy(reading)));
        SnapshotProgress before = stored.snapshot();
        var progress = new SnapshotProgress(
                before.complete(),
                before.tables().stream().filter(valid).toList(),
                before.reading().stream().filter(valid).toList(),
                before.again().stream()
                        .filter(oid -> tables.stream().anyMatch(table -> table.oid() == oid && !table.joining()))
                        .toList(),
                before.backfills(),
                before.nextSignal());
        Lsn end = stored.end().compareTo(slot.confirmed()) < 0 ? slot.confirmed() : stored.end();
        return new Position(end, stored.commit(), stored.ordinal(), progress, stored.server(), Optional.empty());
    }

    /**
     * Every table joins once more, with a new slot. They are marked before the slot is made, so that a crash, whenever it
     * comes, leaves either a slot that is lost or tables that are still to be read.
     */
    private Position again(
            Connection connection, SlotSide slotSide, Publications publications, Optional<Slot> existing, String broken)
            throws CaptureException, SQLException {
        List<CapturedTable> tables = publications.captured(connection);
        LOG.warn(
                "Source {}: {}. As on.slot.loss is resnapshot, the slot is made anew and {} tables are read again",
                settings.name(),
                broken,
                tables.size());
        publications.rejoinAll(connection);
        if (existing.isPresent()) {
            slotSide.remove();
        }
        Slot slot = slotSide.create();
        // Also those that came while the slot was made, which may take long: it does not have all of their rows.
        publications.rejoinAll(connection);
        return Position.between(
                slot.confirmed(), SnapshotProgress.DONE.backfilling(begunAnew()).signalled(nextSignal()));
    }

    /** What they have told is told again; those that have ended have. */
    private List<BackfillProgress> begunAnew() {
        return stored.map(position -> position.snapshot().backfills()).orElse(List.of()).stream()
                .map(one -> one.hasEnded() ? one : BackfillProgress.of(one.asked()))
                .toList();
    }

    private long nextSignal() {
        return stored.map(position -> position.snapshot().nextSignal()).orElse(0L);
    }

    private void tellInsertsOnly(List<CapturedTable> tables) {
        List<TableName> names = tables.stream()
                .filter(CapturedTable::insertsOnly)
                .map(CapturedTable::name)
                .toList();
        if (!names.isEmpty()) {
            LOG.warn(
                    "Source {}: UPDATE and DELETE of tables without a replica identity are not told: {}. Give each a primary"
                            + " key, or ALTER TABLE ... REPLICA IDENTITY FULL",
                    settings.name(),
                    names);
        }
    }

    private void tellSignals(List<CapturedTable> tables) {
        settings.signals()
                .filter(table -> tables.stream().noneMatch(one -> one.name().equals(table)))
                .ifPresent(table -> LOG.warn(
                        "Source {}: there is no table {} yet, whose rows are to be signals", settings.name(), table));
    }
}
