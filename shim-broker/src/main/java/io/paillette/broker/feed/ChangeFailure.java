package io.paillette.broker.feed;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Op;
import org.jspecify.annotations.Nullable;

/** What to say of a change that cannot be told as an option of its sequence wants it. */
final class ChangeFailure {

    private static final String ADVICE =
            ". Correct it so that it works for such a change too: alter the sequence, or start the broker again where the"
                    + " properties file has it";

    private ChangeFailure() {}

    /** @param option in full, {@code sequence.orders.functions} */
    static CaptureException of(String option, ChangeRecord change, String what, @Nullable Throwable cause) {
        return new CaptureException(
                option + " fails for the " + action(change) + " of " + row(change) + " at LSN " + change.lsn()
                        + ": " + what
                        + ADVICE,
                false,
                cause);
    }

    /** What has failed, for where nobody has to start anything again. */
    static String withoutAdvice(CaptureException failure) {
        return String.valueOf(failure.getMessage()).replace(ADVICE, "");
    }

    private static String action(ChangeRecord change) {
        return change.op() == Op.TOMBSTONE ? "tombstone" : change.op().action();
    }

    private static String row(ChangeRecord change) {
        Tuple known = change.before() == null ? change.key() : change.before();
        Tuple row = change.after() == null ? known : change.after();
        return row == null
                ? "table " + change.relation().name()
                : "the row of " + change.relation().name() + " with "
                        + change.relation().describe(row);
    }
}
