/**
 * Side-by-side measurements of Paillette and its peers, and the kill test by hand: every run starts real processes, prints
 * its settings with its figures, and leaves nothing behind. Knows the product only as a process, by its properties file,
 * Postgres and the Kafka protocol.
 */
@NullMarked
package io.paillette.benchmarks;

import org.jspecify.annotations.NullMarked;
