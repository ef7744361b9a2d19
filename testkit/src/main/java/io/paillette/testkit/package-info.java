/**
 * Real servers for tests and benchmarks: Postgres, Apache Kafka, Connect workers, child JVMs. Knows nothing of capture or
 * the broker; everything it starts listens on a free loopback port and is gone when the JVM ends.
 */
@NullMarked
package io.paillette.testkit;

import org.jspecify.annotations.NullMarked;
