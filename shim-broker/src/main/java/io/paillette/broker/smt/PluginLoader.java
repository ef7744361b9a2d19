package io.paillette.broker.smt;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;

/**
 * The classes of one plugin: its own go before the broker's, so that each may bring its own version of a library. Kafka's API is the
 * broker's for all, as in Connect, since a plugin that had another could not be called.
 */
final class PluginLoader extends URLClassLoader {

    /** What Connect lets plugins bring themselves although it is in Kafka's name (Kafka 4.4: {@code PluginUtils}). */
    private static final List<String> PLUGINS_OF_KAFKA = List.of(
            "org.apache.kafka.connect.transforms.",
            "org.apache.kafka.connect.json.",
            "org.apache.kafka.connect.converters.",
            "org.apache.kafka.connect.file.",
            "org.apache.kafka.connect.mirror.");

    private static final List<String> SHARED =
            List.of("java.", "jdk.", "org.w3c.", "org.xml.", "org.slf4j.", "org.apache.kafka.");
    private static final List<String> API = List.of(
            "org.apache.kafka.connect.transforms.Transformation",
            "org.apache.kafka.connect.transforms.predicates.Predicate");

    static {
        registerAsParallelCapable();
    }

    PluginLoader(List<URL> urls, ClassLoader broker) {
        super(urls.toArray(URL[]::new), broker);
    }

    /** The plugin itself has it, whatever the broker has. */
    boolean has(String className) {
        return findResource(className.replace('.', '/') + ".class") != null;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            return isItsOwn(name) && has(name) ? findClass(name) : super.loadClass(name, resolve);
        }
    }

    private static boolean isItsOwn(String name) {
        if (API.contains(name)) {
            return false;
        }
        return PLUGINS_OF_KAFKA.stream().anyMatch(name::startsWith)
                || SHARED.stream().noneMatch(name::startsWith);
    }
}
