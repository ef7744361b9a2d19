package io.paillette.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Those of one run, both up the whole time; measured in turn. */
record Brokers(PailletteBroker paillette, Optional<KafkaBroker> kafka) {

    /** Paillette first. */
    List<Broker> all() {
        return Stream.<Broker>concat(Stream.of(paillette), kafka.stream()).toList();
    }
}
