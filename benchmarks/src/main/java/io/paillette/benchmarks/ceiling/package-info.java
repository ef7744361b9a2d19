/** A source connector that has nothing to do: what a Connect worker takes at most. Loaded by the worker, not by us. */
@NullMarked
package io.paillette.benchmarks.ceiling;

import org.jspecify.annotations.NullMarked;
