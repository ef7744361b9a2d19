/** Every broker key, once: name, type, default, documentation; reading properties files; unknown keys. */
@NullMarked
package io.paillette.broker.config;

import org.jspecify.annotations.NullMarked;
