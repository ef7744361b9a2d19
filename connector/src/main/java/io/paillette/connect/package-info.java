/**
 * The Kafka Connect source connector: turns what {@link io.paillette.capture.Capture} delivers into source records, and
 * what Connect has made durable into what the slot may let go of. Knows nothing of the broker, and of the WAL only what
 * capture says. Runs in any Connect worker from Kafka 3.9 on.
 */
@NullMarked
package io.paillette.connect;

import org.jspecify.annotations.NullMarked;
