/**
 * The connections to a source and what its catalog says of tables and types. Knows nothing of the WAL stream.
 */
@NullMarked
package io.paillette.capture.catalog;

import org.jspecify.annotations.NullMarked;
