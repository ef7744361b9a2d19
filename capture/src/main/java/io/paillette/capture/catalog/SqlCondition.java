package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * An SQL condition that a user wrote, to be put into a statement of ours.
 *
 * @param owner what it is the condition of, for messages: {@code backfill 7}
 * @param text  as the user wrote it; empty: every row meets it
 */
public record SqlCondition(String owner, String text) {

    private static final String BEGINS = "(\n";

    /** On lines of its own, since it may end with a comment. */
    public String expression() {
        return text.isBlank() ? "true" : BEGINS + text + "\n)";
    }

    /** @throws CaptureException unless what it is put into stays one statement */
    public void requireOne() throws CaptureException {
        try {
            if (Parser.parseJdbcSql("SELECT " + expression(), true, false, true, false, false)
                            .size()
                    == 1) {
                return;
            }
        } catch (SQLException e) {
            throw Faults.of("The condition of " + owner + " is none", e);
        }
        throw Faults.fatal("The condition of " + owner + " is more than one statement.");
    }

    /**
     * What is wrong with it, where that and not something else made the statement fail.
     *
     * @param before how many characters of the statement come before {@link #expression}
     */
    public Optional<CaptureException> fault(PSQLException e, int before) {
        ServerErrorMessage error = e.getServerErrorMessage();
        int at = error == null ? 0 : error.getPosition() - before - BEGINS.length();
        if (error == null || at < 1 || !Faults.isNotUnderstood(e)) {
            return Optional.empty();
        }
        return Optional.of(new CaptureException(
                "The condition of " + owner + " is none, at character " + at + ": " + error.getMessage() + "."
                        + (error.getHint() == null ? "" : " " + error.getHint()),
                false,
                e));
    }
}
