package io.paillette.broker.config;

import java.nio.file.Path;

/**
 * One key as the user wrote it.
 *
 * @param origin for messages: {@code line 4 of quickstart.properties} or {@code --set}; empty where there is nothing to say
 * @param base   what a relative path in the value is relative to
 */
record Setting(String key, String value, String origin, Path base) {

    /** Never the value: it may be a secret. */
    @Override
    public String toString() {
        return key + where();
    }

    String where() {
        return origin.isEmpty() ? "" : " (" + origin + ")";
    }
}
