package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.ServerIdentity;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a source can go on from its stored position without missing a change. START_REPLICATION itself refuses almost
 * nothing: from a position that the slot has passed, or that the server has not reached yet, it just sends what it has.
 */
final class Continuity {

    private final SourceDatabase source;
    private final ServerFacts server;
    private final Position from;

    Continuity(SourceDatabase source, ServerFacts server, Position from) {
        this.source = source;
        this.server = server;
        this.from = from;
    }

    /** What keeps the source from going on, as a sentence without its end; empty when nothing does. */
    Optional<String> broken(Optional<Slot> slot) throws CaptureException {
        Optional<String> elsewhere = otherServer();
        if (elsewhere.isPresent()) {
            return elsewhere;
        }
        if (isBeyond(server.walEnd())) {
            return Optional.of("The WAL of the server ends at " + server.walEnd() + ", before the stored position "
                    + text() + " of source " + name()
                    + ": it was restored to an earlier point, or failed over to a server that was behind");
        }
        if (slot.isEmpty()) {
            return Optional.of("Slot " + source.settings().slot() + " is gone, and with it what changed in source "
                    + name() + " after " + text());
        }
        return slot.get().lost().or(() -> advanced(slot.get()));
    }

    private Optional<String> otherServer() throws CaptureException {
        if (from.server().isEmpty() || from.server().get().equals(server.identity())) {
            return Optional.empty();
        }
        ServerIdentity before = from.server().get();
        ServerIdentity now = server.identity();
        if (!before.system().equals(now.system())) {
            return Optional.of("The url of source " + name() + " leads to another server (system identifier "
                    + now.system() + ") than the one captured so far (" + before.system()
                    + "), on which slot " + source.settings().slot() + " and position " + text() + " mean nothing");
        }
        Optional<Lsn> end = now.timeline() > before.timeline()
                ? TimelineHistory.read(source, now.timeline()).endOf(before.timeline())
                : Optional.empty();
        if (end.isEmpty()) {
            return Optional.of("The server is on timeline " + now.timeline() + ", which does not come from timeline "
                    + before.timeline() + " of the stored position " + text() + " of source " + name()
                    + ": it was restored from a backup, or failed over to a server with another past");
        }
        Optional<TableSnapshot> unknown = readBeyond(end.get());
        if (unknown.isPresent()) {
            return Optional.of("The server left timeline " + before.timeline() + " at " + end.get()
                    + ", before rows of table " + unknown.get().name() + " were read (at "
                    + unknown.get().until()
                    + "), some of which it may not have: it failed over to a server that was behind");
        }
        return isBeyond(end.get())
                ? Optional.of("The server left timeline " + before.timeline() + " at " + end.get()
                        + ", before the stored position " + text() + " of source " + name()
                        + ": it was restored to an earlier point, or failed over to a server that was behind")
                : Optional.empty();
    }

    /** A table of which rows were read that the server may not have, under a snapshot of transactions that are others there. */
    private Optional<TableSnapshot> readBeyond(Lsn end) {
        SnapshotProgress progress = from.snapshot();
        return Stream.concat(progress.tables().stream(), progress.reading().stream())
                .filter(table -> table.until().compareTo(end) > 0)
                .findFirst();
    }

    /**
     * Whoever stores every position never confirms more than that. One that cannot (Connect stores an offset only with a
     * record) may well find the slot further on; but never beyond the end of a transaction that it has in part.
     */
    private Optional<String> advanced(Slot slot) {
        boolean strict = source.settings().slotRules().everyPositionIsDurable()
                && from.server().isPresent();
        boolean past = strict && slot.confirmed().compareTo(from.end()) > 0;
        boolean insidePast = isInside() && slot.confirmed().compareTo(from.commit()) > 0;
        return past || insidePast
                ? Optional.of("Slot " + slot.name() + " was advanced by somebody else, or made anew: it begins at "
                        + slot.confirmed() + ", and what changed in source " + name() + " after the stored position "
                        + text() + " is lost to it")
                : Optional.empty();
    }

    /** A commit record that begins at {@code end} is not before it. */
    private boolean isBeyond(Lsn end) {
        return from.end().compareTo(end) > 0 || (isInside() && from.commit().compareTo(end) >= 0);
    }

    private boolean isInside() {
        return !from.commit().equals(Lsn.NONE);
    }

    private String text() {
        return isInside() ? from.end() + " (change " + from.ordinal() + " of " + from.commit() + ")" : from.end() + "";
    }

    private String name() {
        return source.settings().name();
    }
}
