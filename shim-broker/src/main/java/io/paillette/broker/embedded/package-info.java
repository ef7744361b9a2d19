/**
 * A Postgres server that Paillette runs itself, for {@code store.url=embedded}: unpacks binaries, makes the data directory,
 * starts, adopts, watches and stops the server. Must not know what is stored in it.
 */
@NullMarked
package io.paillette.broker.embedded;

import org.jspecify.annotations.NullMarked;
