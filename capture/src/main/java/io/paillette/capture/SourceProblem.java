package io.paillette.capture;

/**
 * What would keep a source from being captured as its settings ask.
 *
 * @param where    what is to be changed, in the settings or for what they name
 * @param sentence what is wrong and what to do
 */
public record SourceProblem(Where where, String sentence) {

    /** The setting at which it is told. */
    public enum Where {
        /** The server cannot be reached, or is none that can be captured. */
        SERVER,
        DATABASE,
        USER,
        PASSWORD,
        STANDBY,
        SLOT,
        PUBLICATION,
        TABLES,
        MESSAGES
    }
}
