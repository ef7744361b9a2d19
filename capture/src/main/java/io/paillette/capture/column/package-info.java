/**
 * Which columns of a table are told, in what form, and which of them are the message's key: what a user chooses beside the
 * tables. Pure: no SQL, no I/O.
 */
@NullMarked
package io.paillette.capture.column;

import org.jspecify.annotations.NullMarked;
