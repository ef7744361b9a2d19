/** Functions that users write in JavaScript, Lua or WebAssembly, over a change as JSON. Knows neither Kafka nor SQL. */
@NullMarked
package io.paillette.function;

import org.jspecify.annotations.NullMarked;
