/**
 * The shapes of a record's key and value. Turns a row event into the records it means and writes them as JSON. Pure.
 */
@NullMarked
package io.paillette.capture.envelope;

import org.jspecify.annotations.NullMarked;
