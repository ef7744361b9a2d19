/**
 * Commands on a broker that runs somewhere: over the Kafka protocol and the broker's HTTP API alone, so that they work with any broker
 * that can be reached.
 * Must not know this process's own configuration.
 */
@NullMarked
package io.paillette.broker.cli.remote;

import org.jspecify.annotations.NullMarked;
