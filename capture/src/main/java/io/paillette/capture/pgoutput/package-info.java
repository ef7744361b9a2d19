/**
 * Decodes pgoutput messages (protocol: Logical Replication Message Formats). Pure: bytes in, calls on a sink out; no SQL, no I/O, no catalog.
 */
@NullMarked
package io.paillette.capture.pgoutput;

import org.jspecify.annotations.NullMarked;
