package io.paillette.capture;

/**
 * What is told of a TOASTed value that a change did not touch, and which the WAL therefore does not carry, where it has no
 * old row either to take it from.
 *
 * @param memoryBytes bound of what is remembered of rows that the stream has shown
 */
public record UnavailableValues(Handling handling, long memoryBytes) {

    /** Where it may be taken from. */
    public enum Handling {
        /** From nowhere: Debezium's placeholder stands for it. */
        PLACEHOLDER,
        /** From an earlier change of the row, if that is still remembered. */
        MEMORY,
        /** From the table, as the row is at the time of asking. */
        REREAD
    }

    public boolean remembers() {
        return handling == Handling.MEMORY;
    }
}
