package io.paillette.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** One value for each broker of a run, Paillette's first. */
final class PerBroker<T> {

    private final Map<Broker, T> values = new LinkedHashMap<>();

    /** Made in the brokers' order, one after the other. */
    PerBroker(Brokers brokers, Function<Broker, T> value) {
        brokers.all().forEach(broker -> values.put(broker, value.apply(broker)));
    }

    /** @throws NullPointerException when it is not a broker of this run */
    T of(Broker broker) {
        return Objects.requireNonNull(values.get(broker), broker.title());
    }

    void forEach(BiConsumer<Broker, T> action) {
        values.forEach(action);
    }
}
