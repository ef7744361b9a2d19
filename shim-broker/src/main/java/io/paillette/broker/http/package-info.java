/** Health, status and metrics over HTTP. Routes only. */
@NullMarked
package io.paillette.broker.http;

import org.jspecify.annotations.NullMarked;
