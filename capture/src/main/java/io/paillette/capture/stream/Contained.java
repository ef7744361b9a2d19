package io.paillette.capture.stream;

import io.paillette.capture.SnapshotProgress.KeyColumn;
import java.util.List;

/** Whether the rows read of a table contain what a transaction did to it. */
sealed interface Contained {

    /** All of it or nothing. */
    enum Whole implements Contained {
        YES,
        NO
    }

    /** Rows whose key comes after {@code bound} were read when they contained it, the others before. */
    record Beyond(List<KeyColumn> key, List<String> bound) implements Contained {}
}
