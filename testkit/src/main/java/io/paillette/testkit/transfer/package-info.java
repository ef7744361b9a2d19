/** An application that moves money between accounts as records tell it, exactly once, as docs/exactly-once.md says. */
@NullMarked
package io.paillette.testkit.transfer;

import org.jspecify.annotations.NullMarked;
