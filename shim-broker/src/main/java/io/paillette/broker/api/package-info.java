/** One handler class per Kafka API. A handler turns wire into domain, asks, and turns the answer into wire; it never blocks and never sees SQL. */
@NullMarked
package io.paillette.broker.api;

import org.jspecify.annotations.NullMarked;
