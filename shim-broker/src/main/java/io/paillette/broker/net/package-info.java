/** Sockets and bytes: listeners, connections, frames in and out, response order, back-pressure. Must not know what a request means. */
@NullMarked
package io.paillette.broker.net;

import org.jspecify.annotations.NullMarked;
