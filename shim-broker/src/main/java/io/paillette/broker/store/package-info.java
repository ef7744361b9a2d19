/** What every port to the store may fail with. Knows nothing of topics, logs or SQL. */
@NullMarked
package io.paillette.broker.store;

import org.jspecify.annotations.NullMarked;
