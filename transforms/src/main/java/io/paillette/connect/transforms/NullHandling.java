package io.paillette.connect.transforms;

import java.util.Arrays;
import java.util.Locale;

/** What becomes of records whose value is null; under Debezium's names. */
enum NullHandling {
    KEEP,
    DROP,
    EVALUATE;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String[] texts() {
        return Arrays.stream(values()).map(NullHandling::text).toArray(String[]::new);
    }

    static NullHandling of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
