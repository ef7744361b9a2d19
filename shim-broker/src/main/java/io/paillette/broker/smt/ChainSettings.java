package io.paillette.broker.smt;

import java.util.List;
import java.util.Map;

/**
 * Which transformations and converters records go through.
 *
 * @param prefix  of their options for people, {@code sequence.orders.}
 * @param options of all of them, by key behind that, as in a connector's configuration: {@code transforms.a.type}
 */
public record ChainSettings(
        String prefix, List<String> transforms, List<String> predicates, Map<String, String> options) {

    public ChainSettings {
        transforms = List.copyOf(transforms);
        predicates = List.copyOf(predicates);
        options = Map.copyOf(options);
    }

    /** Never the values: one may be a converter's password. */
    @Override
    public String toString() {
        return "ChainSettings[" + prefix + transforms + "]";
    }
}
