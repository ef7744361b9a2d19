/** Adapter to Kafka's own group coordinator: its shards persist through the GroupStore port. Must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.group;

import org.jspecify.annotations.NullMarked;
