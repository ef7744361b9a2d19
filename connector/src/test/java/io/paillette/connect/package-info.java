@NullMarked
package io.paillette.connect;

import org.jspecify.annotations.NullMarked;
