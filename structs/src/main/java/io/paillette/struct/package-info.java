/**
 * Changes in Kafka Connect's schemas and structs, for whoever hands them to Connect's own classes: the connector, and the transformations
 * of the broker's sequences. Of Connect it needs the API alone, from Kafka 3.9 on; it knows neither of the two.
 */
@NullMarked
package io.paillette.struct;

import org.jspecify.annotations.NullMarked;
