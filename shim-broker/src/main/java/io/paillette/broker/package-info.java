/** The broker put together: the only package that sees every other one. Nothing imports it. */
@NullMarked
package io.paillette.broker;

import org.jspecify.annotations.NullMarked;
