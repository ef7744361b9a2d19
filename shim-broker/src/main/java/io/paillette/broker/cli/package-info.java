/** The command line: parses, calls, prints. The only place that ends the JVM is Main. */
@NullMarked
package io.paillette.broker.cli;

import org.jspecify.annotations.NullMarked;
