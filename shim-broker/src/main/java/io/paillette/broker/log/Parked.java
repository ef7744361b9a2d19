package io.paillette.broker.log;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Something that waits for what must be known first: it goes on, or is refused. */
record Parked(Runnable goOn, Consumer<Throwable> refuse) {

    /** @param error null when it may go on */
    void end(@Nullable Throwable error) {
        if (error == null) {
            goOn.run();
        } else {
            refuse.accept(error);
        }
    }
}
