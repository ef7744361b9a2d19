/** Topics, partitions and their configs as the broker sees them now. Must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.topic;

import org.jspecify.annotations.NullMarked;
