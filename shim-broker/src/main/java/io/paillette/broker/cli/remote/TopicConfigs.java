package io.paillette.broker.cli.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** Configs of a topic: what is said of them, and what they are. */
final class TopicConfigs {

    private TopicConfigs() {}

    static ConfigResource of(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    /** @param set {@code name=value}; without a value it is taken out */
    static List<AlterConfigOp> changes(List<String> set) throws RefusedException {
        var changes = new ArrayList<AlterConfigOp>();
        for (String one : set) {
            int equals = one.indexOf('=');
            if (equals <= 0) {
                throw new RefusedException("--set " + one + " has no value: write --set NAME=VALUE");
            }
            String value = one.substring(equals + 1).strip();
            changes.add(new AlterConfigOp(
                    new ConfigEntry(one.substring(0, equals).strip(), value),
                    value.isEmpty() ? OpType.DELETE : OpType.SET));
        }
        return changes;
    }

    static void tell(Remote remote, Admin admin, String topic, Answer answer, boolean all)
            throws RefusedException, InterruptedException {
        Config configs = Objects.requireNonNull(
                remote.await(admin.describeConfigs(List.of(of(topic))).all()).get(of(topic)));
        List<List<@Nullable Object>> rows = new ArrayList<>();
        configs.entries().stream()
                .filter(entry -> all || entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG)
                .sorted(Comparator.comparing(ConfigEntry::name))
                .forEach(entry -> {
                    List<@Nullable Object> row = new ArrayList<>();
                    row.add(entry.name());
                    row.add(entry.value());
                    row.add(entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG ? "topic" : "default");
                    rows.add(row);
                });
        answer.table(List.of("config", "value", "set by"), rows);
    }
}
