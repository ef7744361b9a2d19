package io.paillette.capture.filter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the source says of a row.
 *
 * @param results of one that meets the condition: the values of the question's expressions, null for NULL
 */
public record Answer(Decision decision, List<@Nullable String> results) {

    static final Answer MET = new Answer(Decision.MET, List.of());
    static final Answer NOT_MET = new Answer(Decision.NOT_MET, List.of());
    static final Answer UNKNOWN = new Answer(Decision.UNKNOWN, List.of());

    /** @param results null: the row does not meet the condition */
    static Answer of(@Nullable List<@Nullable String> results) {
        if (results == null) {
            return NOT_MET;
        }
        return results.isEmpty() ? MET : new Answer(Decision.MET, results);
    }
}
