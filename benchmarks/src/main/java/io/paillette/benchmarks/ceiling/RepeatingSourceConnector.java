package io.paillette.benchmarks.ceiling;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** Gives one record again and again, {@code records} times, to {@code topic}. */
public final class RepeatingSourceConnector extends SourceConnector {

    static final String TOPIC = "topic";
    static final String RECORDS = "records";

    private Map<String, String> properties = Map.of();

    @Override
    public void start(Map<String, String> props) {
        properties = Map.copyOf(props);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return RepeatingSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(properties);
    }

    @Override
    public void stop() {
        // It holds nothing.
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define(TOPIC, ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where the records go.")
                .define(RECORDS, ConfigDef.Type.LONG, ConfigDef.Importance.HIGH, "How many.");
    }

    @Override
    public String version() {
        return "1";
    }
}
