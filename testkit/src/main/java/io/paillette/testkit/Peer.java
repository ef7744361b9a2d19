package io.paillette.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A class path of Apache Kafka as published, filled by the module {@code peers/<directory>} in phase process-resources.
 * A module whose tests use it depends on that module (type pom, test scope), so that Maven builds it before.
 */
public enum Peer {
    KAFKA_3("kafka-3"),
    KAFKA_4("kafka-4");

    private final String directory;

    Peer(String directory) {
        this.directory = directory;
    }

    /** Of Apache Kafka, as its jars say it: the POM of the module is the one place where it is chosen. */
    public String version() {
        return version(directory, "kafka-clients");
    }

    /** For {@link ChildJvm.Command}. */
    public List<String> classPath() {
        return List.of(built(directory, "lib") + "/*");
    }

    /** The plugin path that holds the published Debezium connector for PostgreSQL. */
    public static Path debeziumPlugins() {
        return built("debezium", "plugin");
    }

    /** The application on Kafka Streams, with Kafka Streams as published. */
    public static List<String> streamsClassPath() {
        return List.of(built("streams", "classes").toString(), built("streams", "lib") + "/*");
    }

    public static String streamsVersion() {
        return version("streams", "kafka-streams");
    }

    public static String debeziumVersion() {
        return version(debeziumPlugins().resolve("debezium-connector-postgres"), "debezium-connector-postgres");
    }

    /** The plugin path that holds published sink connectors. */
    public static Path sinkPlugins() {
        return built("sinks", "plugin");
    }

    /** Of one of them. */
    public static String sinkVersion(String plugin) {
        return version(sinkPlugins().resolve(plugin), plugin).replace("-all", "");
    }

    private static String version(String module, String artifact) {
        return version(built(module, "lib"), artifact);
    }

    private static String version(Path lib, String artifact) {
        Pattern jar = Pattern.compile(Pattern.quote(artifact) + "-(\\d.*)\\.jar");
        try (var files = Files.list(lib)) {
            return files.map(file -> jar.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> name.group(1))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + artifact + " in " + lib));
        } catch (IOException e) {
            throw new UncheckedIOException(lib + " cannot be read", e);
        }
    }

    /** The root of this checkout: the nearest directory upwards from the working directory that has {@code peers}. */
    public static Path root() {
        Path here = Path.of("").toAbsolutePath();
        for (Path path = here; path != null; path = path.getParent()) {
            if (Files.isDirectory(path.resolve("peers/kafka-4"))) {
                return path;
            }
        }
        throw new IllegalStateException("no peers directory above " + here + ": run from inside the checkout");
    }

    private static Path built(String module, String what) {
        Path path = root().resolve("peers").resolve(module).resolve("target").resolve(what);
        if (!Files.isDirectory(path)) {
            throw new IllegalStateException(
                    path + " is missing: run mvn -pl peers/" + module + " process-resources in " + root());
        }
        return path;
    }

    /** The JVM options that make a peer of this version log INFO and worse to standard output; their file is in {@code directory}. */
    public List<String> logging(Path directory) {
        return switch (this) {
            case KAFKA_3 ->
                List.of(
                        "-Dlog4j.configuration=file:"
                                + Text.write(
                                        directory.resolve("log4j.properties"),
                                        """
                        log4j.rootLogger=INFO, out
                        log4j.appender.out=org.apache.log4j.ConsoleAppender
                        log4j.appender.out.layout=org.apache.log4j.PatternLayout
                        log4j.appender.out.layout.ConversionPattern=%d %p %c{1} %m%n
                        log4j.logger.org.reflections=ERROR
                        log4j.logger.org.apache.kafka.connect.runtime.isolation=WARN
                        """));
            case KAFKA_4 ->
                List.of(
                        "-Dlog4j2.configurationFile=file:"
                                + Text.write(
                                        directory.resolve("log4j2.properties"),
                                        """
                        rootLogger.level=info
                        rootLogger.appenderRef.out.ref=out
                        appender.out.type=Console
                        appender.out.name=out
                        appender.out.layout.type=PatternLayout
                        appender.out.layout.pattern=%d %p %c{1} %m%n
                        logger.isolation.name=org.apache.kafka.connect.runtime.isolation
                        logger.isolation.level=warn
                        """));
        };
    }
}
