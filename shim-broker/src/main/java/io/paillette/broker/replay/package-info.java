/** Stored records that match a condition, published once more to a topic. Stores through the ReplayStore port; must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.replay;

import org.jspecify.annotations.NullMarked;
