/** What the connector tells through JMX: its own MBean, and those that dashboards made for Debezium ask. */
@NullMarked
package io.paillette.connect.metrics;

import org.jspecify.annotations.NullMarked;
