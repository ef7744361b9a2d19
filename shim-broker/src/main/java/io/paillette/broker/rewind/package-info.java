/**
 * Places in a topic: an offset, a time, an LSN, a change of a row; and consumer groups that are moved to one. Must not know SQL or
 * sockets.
 */
@NullMarked
package io.paillette.broker.rewind;

import org.jspecify.annotations.NullMarked;
