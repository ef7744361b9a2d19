/** The brokers of one store: who lives, who leads what, who should. Must not know SQL, sockets, or what is led. */
@NullMarked
package io.paillette.broker.cluster;

import org.jspecify.annotations.NullMarked;
