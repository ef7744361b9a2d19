/**
 * A workload whose every committed change is known, a consumer group that remembers what it processed, and the checker
 * that compares the two: nothing lost, doubled or out of order, whatever was killed meanwhile. Knows Postgres by SQL and
 * the product by the Kafka protocol and Debezium's JSON envelope without schemas; so it judges peers as well.
 *
 * <p>Reading needs kafka-clients on the class path of whoever uses it, in a version of their choice.
 */
@NullMarked
package io.paillette.testkit.change;

import org.jspecify.annotations.NullMarked;
