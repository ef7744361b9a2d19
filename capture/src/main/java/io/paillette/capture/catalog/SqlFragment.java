package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * SQL that a user wrote, to be put in parentheses into a statement of ours.
 *
 * @param named what it is, for messages that begin with it: {@code The condition of backfill 7}
 * @param text  as the user wrote it
 */
public record SqlFragment(String named, String text) {

    private static final String BEGINS = "(\n";

    /** On lines of its own, since it may end with a comment. */
    public String expression() {
        return BEGINS + SqlWords.withoutEscapedQuotes(text) + "\n)";
    }

    /** @throws CaptureException unless what it is put into stays one statement, and it in its parentheses */
    public void requireOne() throws CaptureException {
        if (statements() > 1) {
            throw Faults.fatal(named + " is more than one statement.");
        }
        Optional<String> leaves = Parentheses.fault(text);
        if (leaves.isPresent()) {
            throw Faults.fatal(named + " " + leaves.get() + ".");
        }
    }

    private int statements() throws CaptureException {
        try {
            return Parser.parseJdbcSql("SELECT " + expression(), true, false, true, false, false)
                    .size();
        } catch (SQLException e) {
            throw Faults.of(named + " is none", e);
        }
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
                named + " is none, at character " + at + ": " + error.getMessage() + "."
                        + (error.getHint() == null ? "" : " " + error.getHint()),
                false,
                e));
    }
}
