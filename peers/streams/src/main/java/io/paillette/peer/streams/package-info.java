/** An application as users write them, on Kafka Streams as published. */
package io.paillette.peer.streams;
