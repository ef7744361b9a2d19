package io.paillette.capture.stream;

/**
 * A table whose rows are to be read now.
 *
 * @param mark see {@link io.paillette.capture.SnapshotProgress.TableSnapshot#mark}
 */
record DueTable(int oid, long mark) {}
