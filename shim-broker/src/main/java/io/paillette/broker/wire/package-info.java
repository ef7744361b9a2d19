/** From frame to handler and back: which APIs and versions are served, dispatch, error answers. Must not know topics, logs or groups. */
@NullMarked
package io.paillette.broker.wire;

import org.jspecify.annotations.NullMarked;
