/**
 * Commands on a broker that runs somewhere: over the Kafka protocol alone, so that they work with any broker that can be reached.
 * Must not know this process's own configuration.
 */
@NullMarked
package io.paillette.broker.cli.remote;

import org.jspecify.annotations.NullMarked;
