package io.paillette.capture;

import java.util.Optional;

/**
 * What a caller lacks from before its position, because some of what it feeds was left behind there.
 *
 * @param kept the slot does not let go of WAL from here on, wherever the position is; empty: nothing is to be kept
 * @param from from here to the position, which is between transactions, all changes come once more before what follows it; no
 *             row is read meanwhile. Empty: not now
 */
public record Arrears(Optional<Lsn> kept, Optional<Position> from) {

    public static final Arrears NONE = new Arrears(Optional.empty(), Optional.empty());
}
