package io.paillette.testkit.change;

/**
 * One record as a consumer got it.
 *
 * @param table    last part of the topic's name
 * @param version  of the row; {@link #UNTOLD} where the record does not tell (delete without full replica identity)
 * @param sequence of the change at its writer; {@link #UNTOLD} likewise
 */
public record Observation(
        String topic,
        int partition,
        long offset,
        String table,
        long id,
        Change.Kind kind,
        long version,
        long sequence) {

    public static final long UNTOLD = -1;
}
