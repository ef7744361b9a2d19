package io.paillette.broker.postgres;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * A server that says it is read-only was demoted, or a proxy still leads to it: its connection leaves the pool, since only a
 * new one finds the primary of a URL with several hosts.
 */
final class DemotedServer implements SQLExceptionOverride {

    @java.lang.Override // the interface has a member of that name
    public SQLExceptionOverride.Override adjudicate(SQLException e) {
        return Faults.isReadOnly(e)
                ? SQLExceptionOverride.Override.MUST_EVICT
                : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
}
