/**
 * Captures the changes of one Postgres database: what callers see. {@link Capture} delivers {@link CaptureEvent}s in commit
 * order; each carries the {@link Position} from which capture goes on once it is stored. Knows nothing of Kafka.
 */
@NullMarked
package io.paillette.capture;

import org.jspecify.annotations.NullMarked;
