package io.paillette.broker.feed;

import io.paillette.broker.store.StoreException;
import java.util.List;
import java.util.Map;

/** Keeps the sequences that were made on a running broker. Every call may block and throw {@link StoreException}. */
public interface SequenceStore {

    /** Version of each, by name. */
    Map<String, Long> versions();

    /** All, also those that are being removed. */
    List<SequenceDefinition> all();

    /**
     * Makes or changes one.
     *
     * @param who   changes it, for people
     * @param known versions that there are; where there are others by now nothing is changed
     * @return whether it was
     */
    boolean save(SequenceDefinition definition, String who, Map<String, Long> known);

    /** As {@link #save}. One whose source is fed is marked only, until its feed has let go of it. */
    Removed remove(String name, SequenceDefinition.Removal removal, String who, Map<String, Long> known);

    /** What came of a removal. */
    enum Removed {
        GONE,
        MARKED,
        OTHERS_CHANGED
    }

    /**
     * The feed of a source, which has been claimed and has appended nothing since, goes by these versions of its sequences from
     * now on.
     *
     * @return false, with nothing changed, where there are others by now
     */
    boolean hold(String source, Map<String, Long> versions);

    /** One that was removed: its feed has let go of it. */
    void forget(SequenceDefinition removed);
}
