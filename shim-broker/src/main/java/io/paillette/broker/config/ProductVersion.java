package io.paillette.broker.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The version of this software, as the build wrote it into {@code version.txt}. */
public final class ProductVersion {

    private ProductVersion() {}

    public static String current() {
        try (InputStream in = ProductVersion.class.getResourceAsStream("/io/paillette/broker/version.txt")) {
            if (in == null) {
                throw new IllegalStateException("the build left no version.txt");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("version.txt could not be read", e);
        }
    }
}
