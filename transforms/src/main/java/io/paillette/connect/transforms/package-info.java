/**
 * Functions that users write, as a transformation for any worker of Kafka Connect and records of any connector. Knows neither capture
 * nor our connector: what an envelope is it sees by its fields.
 */
@NullMarked
package io.paillette.connect.transforms;

import org.jspecify.annotations.NullMarked;
