/** The meaning of the log: appending with compare-and-set and group commit, offsets, producer state, reading, waiting. Stores through the LogStore port; must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.log;

import org.jspecify.annotations.NullMarked;
