package io.paillette.connect.transforms;

import java.io.UncheckedIOException;
import org.apache.kafka.connect.errors.DataException;

/**
 * Failures without values: Connect writes what is said of one, and of each of its causes, into its log and the headers of dead letters.
 */
final class Untold {

    private Untold() {}

    /**
     * @param what failed, as the beginning of the sentence that says why
     * @param e    told itself only where its message is one of ours or of Connect: others may have the value in theirs
     */
    static DataException because(String what, RuntimeException e) {
        if (e instanceof DataException) {
            return new DataException(what + e.getMessage(), e);
        }
        var told = new DataException(what
                + (e instanceof UncheckedIOException
                        ? e.getMessage()
                        : e.getClass().getName()));
        told.setStackTrace(e.getStackTrace());
        return told;
    }
}
