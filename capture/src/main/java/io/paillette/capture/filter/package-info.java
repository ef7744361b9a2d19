/**
 * What is asked of Postgres itself about many rows at once: SQL conditions on their old and new values, which say whether they
 * are told, and queries for what else is told of them.
 * Knows nothing of where the rows come from or go.
 */
@NullMarked
package io.paillette.capture.filter;

import org.jspecify.annotations.NullMarked;
