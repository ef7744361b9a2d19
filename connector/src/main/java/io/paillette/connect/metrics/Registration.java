package io.paillette.connect.metrics;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics as MBeans of this JVM, as long as the task runs. Of two tasks of one name the later has the names; those of a
 * Debezium that runs beside us stay its own. Nothing stops for want of metrics.
 */
public final class Registration implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final String OWN = "paillette.connect:type=source,server=";
    private static final String DEBEZIUM = "debezium.postgres:type=connector-metrics,context=%s,server=";
    private static final String START_TIME = "StartTime";

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final SourceMetrics metrics;
    private final String source;
    private final List<ObjectName> registered = new ArrayList<>();

    private Registration(SourceMetrics metrics, String source) {
        this.metrics = metrics;
        this.source = source;
    }

    /** @param source its name, {@code topic.prefix} */
    public static Registration of(SourceMetrics metrics, String source) {
        var registration = new Registration(metrics, source);
        try {
            boolean replaces = registration.server.isRegistered(new ObjectName(OWN + source));
            registration.add(OWN, new StandardMBean(metrics, SourceMXBean.class, true), replaces);
            registration.add(
                    DEBEZIUM.formatted("streaming"),
                    new StandardMBean(new StreamingMetrics(metrics), StreamingMXBean.class, true),
                    replaces);
            registration.add(
                    DEBEZIUM.formatted("snapshot"),
                    new StandardMBean(new SnapshotMetrics(metrics), SnapshotMXBean.class, true),
                    replaces);
        } catch (JMException e) {
            LOG.warn("Source {}: its metrics could not be registered", source, e);
        }
        return registration;
    }

    private void add(String name, StandardMBean bean, boolean replaces) throws JMException {
        var object = new ObjectName(name + source);
        if (server.isRegistered(object)) {
            if (!replaces) {
                LOG.warn("Source {}: {} is somebody else's", source, object);
                return;
            }
            server.unregisterMBean(object);
        }
        server.registerMBean(bean, object);
        registered.add(object);
    }

    @Override
    public void close() {
        try {
            var own = new ObjectName(OWN + source);
            if (server.isRegistered(own) && server.getAttribute(own, START_TIME).equals(metrics.getStartTime())) {
                for (ObjectName name : registered) {
                    server.unregisterMBean(name);
                }
            }
        } catch (JMException e) {
            LOG.warn("Source {}: its metrics could not be withdrawn", source, e);
        }
    }
}
