package io.paillette.broker.smt;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Something that a plugin has. Called with its loader as that of the thread, for what it looks up by itself. */
record Plugin<T>(T it, ClassLoader loader) {

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
