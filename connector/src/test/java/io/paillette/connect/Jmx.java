package io.paillette.connect;

import io.paillette.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Reads the MBeans of another JVM on this machine. */
record Jmx(int port) {

    static Jmx onFreePort() {
        return new Jmx(Ports.free());
    }

    /** What that JVM is started with. */
    List<String> options() {
        return List.of(
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-Dcom.sun.management.jmxremote.port=" + port,
                "-Dcom.sun.management.jmxremote.rmi.port=" + port,
                "-Dcom.sun.management.jmxremote.host=127.0.0.1",
                "-Djava.rmi.server.hostname=127.0.0.1",
                "-Dcom.sun.management.jmxremote.authenticate=false",
                "-Dcom.sun.management.jmxremote.ssl=false");
    }

    Object read(String bean, String attribute) {
        try (var connector = connect()) {
            return connector.getMBeanServerConnection().getAttribute(new ObjectName(bean), attribute);
        } catch (IOException e) {
            throw new UncheckedIOException(bean, e);
        } catch (JMException e) {
            throw new IllegalStateException(bean + " " + attribute, e);
        }
    }

    /** Names of all live threads. */
    List<String> threads() {
        try (var connector = connect()) {
            var threads = ManagementFactory.newPlatformMXBeanProxy(
                    connector.getMBeanServerConnection(), ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                    .filter(Objects::nonNull)
                    .map(ThreadInfo::getThreadName)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("threads", e);
        }
    }

    @SuppressWarnings("BanJNDI") // a JVM that the test has started
    private JMXConnector connect() throws IOException {
        return JMXConnectorFactory.connect(
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
    }
}
