package io.paillette.benchmarks;

import java.util.Map;

/** How the worker writes records. */
enum ConverterChoice {
    JSON("JSON", "false"),
    JSON_WITH_SCHEMAS("JSON with schemas", "true");

    private final String title;
    private final String schemas;

    ConverterChoice(String title, String schemas) {
        this.title = title;
        this.schemas = schemas;
    }

    String title() {
        return title;
    }

    Map<String, String> worker() {
        return Map.of(
                "key.converter",
                "org.apache.kafka.connect.json.JsonConverter",
                "value.converter",
                "org.apache.kafka.connect.json.JsonConverter",
                "key.converter.schemas.enable",
                schemas,
                "value.converter.schemas.enable",
                schemas);
    }
}
