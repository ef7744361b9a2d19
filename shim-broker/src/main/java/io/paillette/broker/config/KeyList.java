package io.paillette.broker.config;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/** Collects keys in the order they are documented. */
final class KeyList {

    private final ConfigDef definition = new ConfigDef();
    private String group = "";
    private int order;

    ConfigDef definition() {
        return definition;
    }

    /** Of the keys that follow. */
    void group(String name) {
        group = name;
    }

    /** Everything but the words as Kafka defines it. */
    void kafka(ConfigDef kafka, String name, String doc) {
        ConfigKey key = kafka.configKeys().get(name);
        if (key == null) {
            throw new IllegalStateException("this version of Kafka has no key " + name);
        }
        define(name, key.type, key.defaultValue, key.validator, key.importance, doc);
    }

    void define(
            String name,
            ConfigDef.Type type,
            @Nullable Object defaultValue,
            @Nullable Validator validator,
            Importance importance,
            String doc) {
        definition.define(name, type, defaultValue, validator, importance, doc, group, order++, Width.NONE, name);
    }
}
