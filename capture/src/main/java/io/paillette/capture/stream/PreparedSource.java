package io.paillette.capture.stream;

import io.paillette.capture.Arrears;
import io.paillette.capture.Position;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A source whose publications and slot are in place.
 *
 * @param from   where reading begins
 * @param arrears of before; none where the slot was made anew
 * @param anew   the slot was made anew, whatever was stored
 * @param tables that were captured when reading began
 */
record PreparedSource(
        SourceDatabase source,
        ServerFacts server,
        Publications publications,
        Position from,
        Arrears arrears,
        boolean anew,
        List<CapturedTable> tables) {

    String name() {
        return source.settings().name();
    }

    String slot() {
        return source.settings().slot();
    }

    /** What is streamed through our own slot. */
    SlotStream stream() {
        return new SlotStream(source, server, slot(), publications.streamed());
    }

    /** Tables that the server lists as joining. */
    Set<Integer> joining() {
        return tables.stream()
                .filter(CapturedTable::joining)
                .map(CapturedTable::oid)
                .collect(Collectors.toSet());
    }
}
