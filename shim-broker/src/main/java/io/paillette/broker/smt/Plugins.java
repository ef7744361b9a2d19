package io.paillette.broker.smt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The plugins of Kafka Connect that there are: those on the plugin path, in its order, then Kafka's own. Nothing is looked at
 * before one is asked for.
 */
public final class Plugins implements AutoCloseable {

    private final List<Path> path;
    private Optional<List<PluginLoader>> loaders = Optional.empty();

    /** @param path of Connect's kind: each directory holds plugins, which are jars or directories of jars */
    public Plugins(List<Path> path) {
        this.path = List.copyOf(path);
    }

    /**
     * Makes one of a class.
     *
     * @throws ChainException saying in Connect's words why there is none
     */
    synchronized <T> Plugin<T> make(String key, String className, Class<T> kind) throws ChainException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        ClassLoader loader = loader(className);
        thread.setContextClassLoader(loader);
        try {
            Class<?> found = Class.forName(className, true, loader);
            if (!kind.isAssignableFrom(found)) {
                throw ChainException.of(
                        "Invalid value " + className + " for configuration " + key + ": it is no " + kind.getName());
            }
            return new Plugin<>(kind.cast(found.getConstructor().newInstance()), loader);
        } catch (ClassNotFoundException e) {
            throw ChainException.of("Invalid value " + className + " for configuration " + key + ": Class " + className
                    + " could not be found; plugin.path has "
                    + (path.isEmpty() ? "no directories" : String.join(", ", names())));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw ChainException.of(
                    "Invalid value " + className + " for configuration " + key + ": it cannot be made: " + cause, e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private List<String> names() {
        return path.stream().map(Path::toString).toList();
    }

    private ClassLoader loader(String className) {
        for (PluginLoader loader : loaders()) {
            if (loader.has(className)) {
                return loader;
            }
        }
        return Plugins.class.getClassLoader();
    }

    private List<PluginLoader> loaders() {
        List<PluginLoader> all = loaders.orElseGet(() -> path.stream()
                .flatMap(directory -> locations(directory).stream())
                .map(location -> new PluginLoader(urls(location), Plugins.class.getClassLoader()))
                .toList());
        loaders = Optional.of(all);
        return all;
    }

    /** Each a plugin, in the order of their names. */
    private static List<Path> locations(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of(directory);
        }
        try (var children = Files.list(directory)) {
            return children.filter(child -> Files.isDirectory(child) || isArchive(child))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("plugin.path: " + directory + " cannot be read", e);
        }
    }

    private static List<URL> urls(Path location) {
        var urls = new ArrayList<URL>();
        try (var files = Files.walk(location, FileVisitOption.FOLLOW_LINKS)) {
            urls.add(location.toUri().toURL()); // a directory may hold classes as well
            for (Path file : files.filter(Plugins::isArchive)
                    .filter(file -> !file.equals(location))
                    .sorted()
                    .toList()) {
                urls.add(file.toUri().toURL());
            }
        } catch (MalformedURLException e) {
            throw new IllegalStateException(location + " has no URL", e);
        } catch (IOException e) {
            throw new UncheckedIOException("plugin.path: " + location + " cannot be read", e);
        }
        return urls;
    }

    private static boolean isArchive(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file) && (name.endsWith(".jar") || name.endsWith(".zip"));
    }

    @Override
    public synchronized void close() throws IOException {
        for (PluginLoader loader : loaders.orElse(List.of())) {
            loader.close();
        }
        loaders = Optional.empty();
    }
}
