/**
 * Real servers for tests and benchmarks: Postgres, Apache Kafka, Connect workers, the packaged broker, child JVMs. Knows no
 * code of capture or the broker, only how they are started; everything it starts listens on a free loopback port and is
 * gone when the JVM ends.
 */
@NullMarked
package io.paillette.testkit;

import org.jspecify.annotations.NullMarked;
