package io.paillette.broker.smt;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Something that a plugin has. Called with its loader as that of the thread, for what it looks up by itself. */
record Plugin<T>(T it, ClassLoader loader) {

    private static final Logger log = LoggerFactory.getLogger(Plugin.class);

    <R extends @Nullable Object> R call(Function<T, R> use) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return use.apply(it);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /**
     * What fails then is told and no more: it is over, and others are to be closed as well.
     *
     * @param option that it was made for
     */
    void close(String option) {
        try {
            Exception failure = this.<@Nullable Exception>call(plugin -> {
                try {
                    if (plugin instanceof AutoCloseable closeable) {
                        closeable.close();
                    }
                    return null;
                } catch (Exception e) {
                    return e;
                }
            });
            if (failure != null) {
                log.warn("{} ({}) does not close", option, className(), failure);
            }
        } catch (LinkageError e) { // a class that the broker has otherwise than the plugin expects
            log.warn("{} ({}) does not close", option, className(), e);
        }
    }

    void run(Consumer<T> use) {
        call(plugin -> {
            use.accept(plugin);
            return null;
        });
    }

    String className() {
        return it.getClass().getName();
    }
}
