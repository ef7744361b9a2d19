package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.snapshot.TableReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Asks which tables are read from their beginning again when the reading of their rows is interrupted. */
public final class UnkeyedTables {

    private UnkeyedTables() {}

    /** See {@link io.paillette.capture.Capture#unkeyedTables}. */
    public static List<TableName> largerThan(long bytes, CaptureSettings settings) throws CaptureException {
        try (Connection connection = new SourceDatabase(settings).impatient().connect()) {
            var publications = new Publications(settings, ServerFacts.read(connection));
            List<TableName> names = new ArrayList<>();
            for (CapturedTable table : publications.captured(connection)) {
                if (!TableReader.goesOn(connection, table.oid())
                        && TableReader.bytes(connection, table.oid()) > bytes) {
                    names.add(table.name());
                }
            }
            return names;
        } catch (SQLException e) {
            throw Faults.of("The tables of source " + settings.name() + " could not be looked at", e);
        }
    }
}
