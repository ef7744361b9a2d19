package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How much WAL of the source is not done with. The server is asked for its end only as long as somebody wants to know. */
final class WalLag {

    private static final String END = "SELECT pg_current_wal_lsn()::text";

    private final Supplier<Lsn> done;
    private volatile boolean wanted;
    private volatile @Nullable Lsn end;

    /** @param done all below is stored, or was nothing for us */
    WalLag(Supplier<Lsn> done) {
        this.done = done;
    }

    /** Called every now and then, with a connection to the source. */
    void look(Connection connection) throws SQLException {
        if (!wanted) {
            return;
        }
        wanted = false;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(END)) {
            row.next();
            end = Lsn.parse(row.getString(1));
        }
    }

    /** As of the last look; empty before the first one. */
    OptionalLong bytes() {
        wanted = true;
        Lsn known = end;
        return known == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, known.value() - done.get().value()));
    }
}
