package io.paillette.broker.api;

import io.paillette.broker.api.ApiSettings.BrokerConfigEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * Configs as clients see them. A topic's: what it sets itself, then the broker's file, then Kafka's defaults. The broker's:
 * the keys of its file, read only, secrets without value.
 */
final class ToldConfigs {

    private final LogConfig defaults;
    private final List<BrokerConfigEntry> broker;

    ToldConfigs(ApiSettings settings) {
        this.defaults = settings.topicDefaults();
        this.broker = settings.brokerConfigs();
    }

    /** Every config of a topic, in the order of the names. */
    List<DescribeConfigsResourceResult> ofTopic(Map<String, String> own) {
        Properties overrides = new Properties();
        overrides.putAll(own);
        LogConfig effective = LogConfig.fromProps(defaults.originals(), overrides);
        List<DescribeConfigsResourceResult> results = new ArrayList<>();
        for (String name : LogConfig.nonInternalConfigNames().stream().sorted().toList()) {
            ConfigKey key = LogConfig.configKeys().get(name);
            if (key != null) {
                results.add(told(key, effective.values().get(name), own.get(name)));
            }
        }
        return results;
    }

    /** The same in the shape of a CreateTopics answer. */
    List<CreatableTopicConfigs> ofNewTopic(Map<String, String> own) {
        return ofTopic(own).stream()
                .map(config -> new CreatableTopicConfigs()
                        .setName(config.name())
                        .setValue(config.value())
                        .setConfigSource(config.configSource())
                        .setReadOnly(false)
                        .setIsSensitive(false))
                .toList();
    }

    List<DescribeConfigsResourceResult> ofBroker() {
        return broker.stream().map(ToldConfigs::told).toList();
    }

    private static DescribeConfigsResourceResult told(BrokerConfigEntry entry) {
        ConfigSource source = entry.isDefault() ? ConfigSource.DEFAULT_CONFIG : ConfigSource.STATIC_BROKER_CONFIG;
        String value = entry.secret() ? null : entry.value();
        return new DescribeConfigsResourceResult()
                .setName(entry.name())
                .setValue(value)
                .setReadOnly(true)
                .setConfigSource(source.id())
                .setIsSensitive(entry.secret())
                .setConfigType(type(entry.type()).id())
                .setSynonyms(List.of(synonym(entry.name(), value, source)))
                .setDocumentation(entry.documentation());
    }

    private DescribeConfigsResourceResult told(ConfigKey key, @Nullable Object value, @Nullable String own) {
        boolean setInFile = defaults.originals().containsKey(key.name);
        List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
        if (own != null) {
            synonyms.add(synonym(key.name, own, ConfigSource.TOPIC_CONFIG));
        }
        String serverName = ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS.get(key.name);
        if (serverName != null) {
            synonyms.add(synonym(
                    serverName,
                    ConfigDef.convertToString(defaults.values().get(key.name), key.type),
                    setInFile ? ConfigSource.STATIC_BROKER_CONFIG : ConfigSource.DEFAULT_CONFIG));
        }
        ConfigSource source = own != null
                ? ConfigSource.TOPIC_CONFIG
                : setInFile ? ConfigSource.STATIC_BROKER_CONFIG : ConfigSource.DEFAULT_CONFIG;
        return new DescribeConfigsResourceResult()
                .setName(key.name)
                .setValue(ConfigDef.convertToString(value, key.type))
                .setConfigSource(source.id())
                .setConfigType(type(key.type).id())
                .setSynonyms(synonyms)
                .setDocumentation(key.documentation);
    }

    private static DescribeConfigsSynonym synonym(String name, @Nullable String value, ConfigSource source) {
        return new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source.id());
    }

    private static ConfigType type(ConfigDef.Type type) {
        return switch (type) {
            case BOOLEAN -> ConfigType.BOOLEAN;
            case STRING -> ConfigType.STRING;
            case INT -> ConfigType.INT;
            case SHORT -> ConfigType.SHORT;
            case LONG -> ConfigType.LONG;
            case DOUBLE -> ConfigType.DOUBLE;
            case LIST -> ConfigType.LIST;
            case CLASS -> ConfigType.CLASS;
            case PASSWORD -> ConfigType.PASSWORD;
        };
    }
}
