/**
 * Kafka Connect's transformations, predicates and converters: found on the plugin path, and called with a record. Must not know what
 * a sequence or a topic is, nor SQL, nor where records go. Loaded only where a sequence has some of them.
 */
@NullMarked
package io.paillette.broker.smt;

import org.jspecify.annotations.NullMarked;
