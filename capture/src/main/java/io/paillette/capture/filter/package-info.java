/**
 * Which rows are told: SQL conditions on their old and new values, which Postgres itself evaluates for many rows at once.
 * Knows nothing of where the rows come from or go.
 */
@NullMarked
package io.paillette.capture.filter;

import org.jspecify.annotations.NullMarked;
