package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Asks what the tables look like that are, or would be, captured. */
public final class CapturedRelations {

    private CapturedRelations() {}

    /** See {@link io.paillette.capture.Capture#relations}. */
    public static List<Relation> of(CaptureSettings settings, Predicate<TableName> wanted) throws CaptureException {
        try (Connection connection = new SourceDatabase(settings).impatient().connect()) {
            var publications = new Publications(settings, ServerFacts.read(connection));
            var catalog = new Catalog(connection, settings.told().columns());
            List<Relation> relations = new ArrayList<>();
            for (CapturedTable table : publications.captured(connection)) {
                if (wanted.test(table.name())) {
                    catalog.relationNow(table.oid()).ifPresent(relations::add);
                }
            }
            return relations;
        } catch (SQLException e) {
            throw Faults.of("The tables of source " + settings.name() + " could not be looked at", e);
        }
    }
}
