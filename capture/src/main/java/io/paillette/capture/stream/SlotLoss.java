package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.OnSlotLoss;
import org.jspecify.annotations.Nullable;

/** What is said when a slot cannot go on. */
final class SlotLoss {

    private SlotLoss() {}

    /** Only a person can decide. {@code what} is a sentence without its end. */
    static CaptureException fatal(String what) {
        return fatal(what, null);
    }

    /** Found after the start: the next start does what the settings say. */
    static CaptureException found(String what, CaptureSettings settings, Throwable cause) {
        return settings.slotRules().onLoss() == OnSlotLoss.FAIL
                ? fatal(what, cause)
                : new CaptureException(what + ". Its tables are read again from the start.", true, cause);
    }

    private static CaptureException fatal(String what, @Nullable Throwable cause) {
        return new CaptureException(
                what
                        + ". Set on.slot.loss to resnapshot to make the slot anew and read the tables again from the start.",
                false,
                cause);
    }
}
