/** Every metric, once, and their text for Prometheus. Must not know what it measures: it is given numbers. */
@NullMarked
package io.paillette.broker.metrics;

import org.jspecify.annotations.NullMarked;
