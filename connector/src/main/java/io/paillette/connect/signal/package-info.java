/** Signals that come to the connector from elsewhere than the source's own table: from a topic, from a file. */
@NullMarked
package io.paillette.connect.signal;

import org.jspecify.annotations.NullMarked;
