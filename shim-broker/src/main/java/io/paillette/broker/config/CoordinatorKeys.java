package io.paillette.broker.config;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.transaction.TransactionStateManagerConfig;

/** The keys of groups and transactions, all of them Kafka's. */
final class CoordinatorKeys {

    /** Kafka's constant for it is marked for removal. */
    static final String PROTOCOLS = "group.coordinator.rebalance.protocols";

    private CoordinatorKeys() {}

    static void addTo(KeyList keys) {
        groups(keys);
        streams(keys);
        offsets(keys);
        transactions(keys);
    }

    private static void groups(KeyList keys) {
        keys.group("Groups");
        ConfigDef groups = GroupCoordinatorConfig.CONFIG_DEF;
        keys.kafka(groups, "group.coordinator.threads", "Threads that run the group coordinator's shards.");
        keys.kafka(groups, PROTOCOLS, "Group protocols that are served; classic always is.");
        keys.kafka(
                groups,
                "group.initial.rebalance.delay.ms",
                "How long the first rebalance of an empty classic group waits for more members, in milliseconds.");
        keys.kafka(
                groups,
                "group.min.session.timeout.ms",
                "Shortest session a classic member may ask for, in milliseconds.");
        keys.kafka(
                groups,
                "group.max.session.timeout.ms",
                "Longest session a classic member may ask for, in milliseconds.");
        keys.kafka(groups, "group.max.size", "Most members of a classic group.");
        keys.kafka(
                groups,
                "group.consumer.session.timeout.ms",
                "A KIP-848 member that is silent for longer, in milliseconds, leaves its group.");
        keys.kafka(
                groups,
                "group.consumer.heartbeat.interval.ms",
                "How often KIP-848 members are told to heartbeat, in milliseconds.");
        keys.kafka(
                groups,
                "group.consumer.min.session.timeout.ms",
                "Shortest session timeout of a KIP-848 group, in milliseconds.");
        keys.kafka(
                groups,
                "group.consumer.max.session.timeout.ms",
                "Longest session timeout of a KIP-848 group, in milliseconds.");
        keys.kafka(
                groups,
                "group.consumer.min.heartbeat.interval.ms",
                "Shortest heartbeat interval of a KIP-848 group, in milliseconds.");
        keys.kafka(
                groups,
                "group.consumer.max.heartbeat.interval.ms",
                "Longest heartbeat interval of a KIP-848 group, in milliseconds.");
        keys.kafka(groups, "group.consumer.max.size", "Most members of a KIP-848 group.");
        keys.kafka(
                groups,
                "group.consumer.assignors",
                "Server-side assignors of KIP-848 groups; the first is the default.");
        keys.kafka(
                groups,
                "group.consumer.migration.policy",
                "Whether a classic group may become a KIP-848 one and back.");
    }

    private static void streams(KeyList keys) {
        ConfigDef groups = GroupCoordinatorConfig.CONFIG_DEF;
        keys.kafka(
                groups,
                "group.streams.session.timeout.ms",
                "A member of a streams group (KIP-1071) that is silent for longer, in milliseconds, leaves its group.");
        keys.kafka(
                groups,
                "group.streams.heartbeat.interval.ms",
                "How often members of streams groups are told to heartbeat, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.min.session.timeout.ms",
                "Shortest session timeout of a streams group, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.max.session.timeout.ms",
                "Longest session timeout of a streams group, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.min.heartbeat.interval.ms",
                "Shortest heartbeat interval of a streams group, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.max.heartbeat.interval.ms",
                "Longest heartbeat interval of a streams group, in milliseconds.");
        keys.kafka(groups, "group.streams.max.size", "Most members of a streams group.");
        keys.kafka(
                groups,
                "group.streams.initial.rebalance.delay.ms",
                "How long the first rebalance of an empty streams group waits for more members, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.assignors",
                "Server-side task assignors of streams groups; the first is the default.");
        keys.kafka(
                groups,
                "group.streams.num.standby.replicas",
                "Standby replicas of each stateful task of a streams group.");
        keys.kafka(groups, "group.streams.max.standby.replicas", "Most standby replicas of a task.");
        keys.kafka(
                groups,
                "group.streams.num.warmup.replicas",
                "Most tasks of a streams group that are restored elsewhere at a time before they move.");
        keys.kafka(groups, "group.streams.max.warmup.replicas", "Most warm-up replicas a group may be given.");
        keys.kafka(
                groups,
                "group.streams.acceptable.recovery.lag",
                "How many records a state store may be behind its changelog to count as caught up.");
        keys.kafka(
                groups,
                "group.streams.task.offset.interval.ms",
                "How often members tell how far their stores are, in milliseconds.");
        keys.kafka(
                groups,
                "group.streams.rack.aware.assignment.tags",
                "Client tags over whose values standby replicas are spread.");
    }

    private static void offsets(KeyList keys) {
        ConfigDef groups = GroupCoordinatorConfig.CONFIG_DEF;
        keys.kafka(
                groups, "offset.metadata.max.bytes", "Longest text a consumer may store beside an offset, in bytes.");
        keys.kafka(
                groups,
                "offsets.topic.num.partitions",
                "Shards of the group coordinator. It counts when the store is made; afterwards the number stays.");
        keys.kafka(
                groups,
                "offsets.commit.timeout.ms",
                "How long a commit may take before it is refused, in milliseconds.");
        keys.kafka(
                groups, "offsets.retention.minutes", "How long offsets of a group without members stay, in minutes.");
        keys.kafka(
                groups,
                "offsets.retention.check.interval.ms",
                "How often old offsets are looked for, in milliseconds.");
    }

    private static void transactions(KeyList keys) {
        keys.group("Transactions");
        ConfigDef transactions = TransactionStateManagerConfig.CONFIG_DEF;
        keys.kafka(
                transactions,
                TransactionStateManagerConfig.TRANSACTIONS_MAX_TIMEOUT_MS_CONFIG,
                "Longest transaction.timeout.ms that a producer may ask for, in milliseconds.");
        keys.kafka(
                transactions,
                TransactionStateManagerConfig.TRANSACTIONS_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS_CONFIG,
                "How often transactions that are open for too long are looked for and aborted, in milliseconds.");
        keys.kafka(
                transactions,
                TransactionStateManagerConfig.TRANSACTIONAL_ID_EXPIRATION_MS_CONFIG,
                "A transactional id that nobody uses for longer, in milliseconds, is forgotten.");
        keys.kafka(
                transactions,
                TransactionStateManagerConfig.TRANSACTIONS_REMOVE_EXPIRED_TRANSACTIONAL_ID_CLEANUP_INTERVAL_MS_CONFIG,
                "How often transactional ids to be forgotten are looked for, in milliseconds.");
    }
}
