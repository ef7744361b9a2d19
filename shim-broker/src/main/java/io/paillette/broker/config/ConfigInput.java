package io.paillette.broker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration is made of.
 *
 * @param file             a properties file
 * @param overrides        {@code KEY=VALUE}, in order; the last one of a key counts
 * @param home             what relative paths in the file are relative to
 * @param workingDirectory what relative paths in overrides are relative to
 * @param environment      value of an environment variable, null when it is not set
 */
public record ConfigInput(
        Path file,
        List<String> overrides,
        Path home,
        Path workingDirectory,
        Function<String, @Nullable String> environment) {

    public ConfigInput {
        overrides = List.copyOf(overrides);
    }
}
