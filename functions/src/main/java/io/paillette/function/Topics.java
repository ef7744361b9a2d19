package io.paillette.function;

/** Whether {@code route} may choose the topic of a record. */
public enum Topics {
    /** It is an error. */
    FIXED("key, partition and headers"),
    CHOSEN("topic, key, partition and headers");

    private final String parts;

    Topics(String parts) {
        this.parts = parts;
    }

    /** What {@code route} may say. */
    String parts() {
        return parts;
    }
}
