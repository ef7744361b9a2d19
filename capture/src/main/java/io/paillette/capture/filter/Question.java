package io.paillette.capture.filter;

import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import java.util.List;

/**
 * What is asked of the source about rows.
 *
 * @param where   which of them meet it
 * @param results expressions of which the values, as texts, are to be told for those that do
 */
public record Question(SqlCondition where, List<SqlFragment> results) {

    public Question {
        results = List.copyOf(results);
    }

    public static Question of(SqlCondition where) {
        return new Question(where, List.of());
    }

    /** The values of the expressions for rows of which nothing more is to be known. */
    public Question ofAll() {
        return new Question(new SqlCondition(where.owner(), ""), results);
    }

    /** For messages that begin with it. */
    String named() {
        if (results.isEmpty()) {
            return "The condition of " + where.owner();
        }
        return (where.text().isBlank() ? "" : "The condition of " + where.owner() + ", or ")
                + String.join(", or ", results.stream().map(SqlFragment::named).toList());
    }
}
