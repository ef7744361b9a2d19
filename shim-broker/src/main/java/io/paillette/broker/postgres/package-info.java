/** Every adapter to SQL: pools, migrations, named statements, the stores behind the ports of log, topic, group and feed. Nobody else sees java.sql. */
@NullMarked
package io.paillette.broker.postgres;

import org.jspecify.annotations.NullMarked;
