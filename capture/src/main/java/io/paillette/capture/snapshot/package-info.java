/**
 * Reads the rows that were there before, table by table, under one MVCC snapshot each.
 */
@NullMarked
package io.paillette.capture.snapshot;

import org.jspecify.annotations.NullMarked;
