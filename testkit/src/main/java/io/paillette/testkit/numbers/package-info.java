/** Producers that number what they write, groups that read it, and what must hold between the two whatever is killed. */
@NullMarked
package io.paillette.testkit.numbers;

import org.jspecify.annotations.NullMarked;
