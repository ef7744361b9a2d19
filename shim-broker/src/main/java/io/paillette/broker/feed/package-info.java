/** Embedded capture: the changes of a source become records of its sequences, appended together with the position. Must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.feed;

import org.jspecify.annotations.NullMarked;
