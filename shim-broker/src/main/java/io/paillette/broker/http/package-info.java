/** Health, status and metrics over HTTP, and what can be changed. Routes only. */
@NullMarked
package io.paillette.broker.http;

import org.jspecify.annotations.NullMarked;
