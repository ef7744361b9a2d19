package io.paillette.function;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the functions make of a change. */
public sealed interface Outcome {

    /** {@code filter} has said no. */
    record Dropped() implements Outcome {}

    /** @param value null: a tombstone; of functions without {@code transform} the change as it was given */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Kept(byte @Nullable [] value, Routing routing) implements Outcome {}

    /**
     * What {@code route} has said.
     *
     * @param topic     empty: the change's own
     * @param key       empty: the change's own
     * @param partition empty: as the key says
     */
    record Routing(Optional<String> topic, Optional<Key> key, OptionalInt partition, List<Header> headers) {

        static final Routing NONE = new Routing(Optional.empty(), Optional.empty(), OptionalInt.empty(), List.of());

        public Routing {
            headers = List.copyOf(headers);
        }
    }

    /**
     * @param bytes  null: a record without a key
     * @param isJson whether the bytes are the JSON of it; else they are the string that it is
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Key(byte @Nullable [] bytes, boolean isJson) {}

    record Header(String name, @Nullable String value) {}
}
