/** Kafka's timing wheel, without a thread that wakes when there is nothing to time. Knows nothing of what is timed. */
@NullMarked
package io.paillette.broker.timer;

import org.jspecify.annotations.NullMarked;
