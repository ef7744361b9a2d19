package io.paillette.broker.group;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.Group.GroupType;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;

/** The broker's keys that Kafka's group coordinator knows, by Kafka's names and with Kafka's checks. */
record GroupSettings(
        GroupCoordinatorConfig groups,
        ShareGroupConfig shares,
        Set<GroupType> protocols,
        int shards,
        boolean shardsAsked) {

    /** Kafka's constant for it is marked for removal. */
    private static final String PROTOCOLS = "group.coordinator.rebalance.protocols";

    static GroupSettings of(AbstractConfig broker) {
        var definition = new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF);
        ShareGroupConfig.CONFIG_DEF.configKeys().values().stream()
                .filter(key -> !definition.names().contains(key.name))
                .forEach(definition::define);
        // As text, as a file would have it: Kafka's classes read some keys raw. Only what differs from Kafka's own
        // defaults.
        Map<String, String> values = new HashMap<>();
        definition.configKeys().forEach((name, key) -> {
            Object value = broker.values().get(name);
            if (value != null && !value.equals(key.defaultValue)) {
                values.put(name, ConfigDef.convertToString(value, key.type));
            }
        });
        var config = new AbstractConfig(definition, values, false);
        var groups = new GroupCoordinatorConfig(config);
        boolean asked = broker.originals().containsKey(GroupCoordinatorConfig.OFFSETS_TOPIC_PARTITIONS_CONFIG);
        return new GroupSettings(
                groups,
                new ShareGroupConfig(config),
                config.getList(PROTOCOLS).stream().map(GroupType::parse).collect(Collectors.toUnmodifiableSet()),
                groups.offsetsTopicPartitions(),
                asked);
    }
}
