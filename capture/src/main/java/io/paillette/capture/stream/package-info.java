/**
 * The replication connection: slot, publications, reading, confirming, new tables.
 */
@NullMarked
package io.paillette.capture.stream;

import org.jspecify.annotations.NullMarked;
