/** For applications: offsets and records of Kafka in a SQL transaction of their own. Needs a Kafka client and a JDBC driver, no more. */
@NullMarked
package io.paillette.client;

import org.jspecify.annotations.NullMarked;
