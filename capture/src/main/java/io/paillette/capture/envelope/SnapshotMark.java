package io.paillette.capture.envelope;

/** Whether a record is of a row that was read, and why: the {@code snapshot} field of the source block. */
public enum SnapshotMark {
    STREAMED("false"),
    INITIAL("true"),
    INCREMENTAL("incremental");

    private final String text;

    SnapshotMark(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
