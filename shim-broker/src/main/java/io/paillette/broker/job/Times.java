package io.paillette.broker.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When one was asked for, began and ended.
 *
 * @param left if it goes on as fast as until now; empty while it is not running
 */
public record Times(Instant asked, Optional<Instant> begun, Optional<Instant> ended, Optional<Duration> left) {}
