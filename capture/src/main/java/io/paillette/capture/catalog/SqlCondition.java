package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import java.util.Optional;
import org.postgresql.util.PSQLException;

/**
 * An SQL condition that a user wrote, to be put into a statement of ours.
 *
 * @param owner what it is the condition of, for messages: {@code backfill 7}
 * @param text  as the user wrote it; empty: every row meets it
 */
public record SqlCondition(String owner, String text) {

    /** On lines of its own, since it may end with a comment. */
    public String expression() {
        return text.isBlank() ? "true" : fragment().expression();
    }

    /** @throws CaptureException unless what it is put into stays one statement, and it in its parentheses */
    public void requireOne() throws CaptureException {
        fragment().requireOne();
    }

    /** As {@link SqlFragment#fault}. */
    public Optional<CaptureException> fault(PSQLException e, int before) {
        return fragment().fault(e, before);
    }

    private SqlFragment fragment() {
        return new SqlFragment("The condition of " + owner, text.isBlank() ? "true" : text);
    }
}
