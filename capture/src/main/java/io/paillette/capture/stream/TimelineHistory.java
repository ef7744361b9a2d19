package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a server's timeline left each of those before it (docs: Streaming Replication Protocol, TIMELINE_HISTORY).
 *
 * @param ends first LSN that is no longer of a timeline, by its number
 */
record TimelineHistory(Map<Long, Lsn> ends) {

    TimelineHistory {
        ends = Map.copyOf(ends);
    }

    /** Asks the server; ordinary SQL shows the history to superusers only. */
    static TimelineHistory read(SourceDatabase source, long timeline) throws CaptureException {
        try (var connection = source.connectForReplication();
                var statement = connection.createStatement();
                var row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return parse(row.getString(2));
        } catch (SQLException e) {
            throw Faults.of("The history of the server's timeline " + timeline + " could not be read", e);
        }
    }

    /** Lines of parent timeline, switch point and reason; those that begin with # and empty ones mean nothing. */
    static TimelineHistory parse(String file) {
        Map<Long, Lsn> ends = new HashMap<>();
        file.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.split("\\s+", 3))
                .forEach(fields -> ends.put(Long.parseLong(fields[0]), Lsn.parse(fields[1])));
        return new TimelineHistory(ends);
    }

    /** Empty when the server does not come from that timeline. */
    Optional<Lsn> endOf(long timeline) {
        return Optional.ofNullable(ends.get(timeline));
    }
}
