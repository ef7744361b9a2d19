package io.paillette.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * Streams the changes of a Postgres database to topics {@code <topic.prefix>.<schema>.<table>}, in Debezium's envelope.
 * One task: a database has one WAL.
 */
public final class PostgresSourceConnector extends SourceConnector {

    private static final Pattern NAMED = Pattern.compile(" for configuration (\\S+): ");

    private Map<String, String> properties = Map.of();

    @Override
    public void start(Map<String, String> props) {
        properties = Map.copyOf(props);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PostgresSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(properties);
    }

    @Override
    public void stop() {
        // The connector itself holds nothing: the task owns the connection.
    }

    @Override
    public ConfigDef config() {
        return ConnectorOption.definition();
    }

    @Override
    public String version() {
        return Version.current();
    }

    /** Checks every option, and when they are right, the database: each problem is told at the option it belongs to. */
    @Override
    public Config validate(Map<String, String> connectorConfigs) {
        DebeziumConfig read = DebeziumConfig.of(connectorConfigs);
        Config checked = super.validate(read.properties());
        if (!read.refused().isEmpty()) {
            List<ConfigValue> all = new ArrayList<>(checked.configValues());
            read.refused().forEach((key, why) -> at(all, key).addErrorMessage(ConnectorConfig.refusal(key, why)));
            return new Config(all);
        }
        if (checked.configValues().stream()
                .anyMatch(value -> !value.errorMessages().isEmpty())) {
            return checked;
        }
        List<ConfigValue> values = new ArrayList<>(checked.configValues());
        try {
            var config = new ConnectorConfig(connectorConfigs);
            // As Capture reads it: what ConfigDef cannot check by itself.
            var unused = config.captureSettings();
            new DatabaseCheck(config)
                    .run()
                    .ifPresent(problem -> at(values, problem.option().key()).addErrorMessage(problem.sentence()));
        } catch (ConfigException e) {
            String message = String.valueOf(e.getMessage());
            at(values, named(message)).addErrorMessage(message);
        }
        return new Config(values);
    }

    /** The option that a {@link ConfigException} is about: it says so in its message only. */
    private static String named(String message) {
        Matcher named = NAMED.matcher(message);
        return named.find() ? named.group(1) : ConnectorOption.HOSTNAME.key();
    }

    /** Masks have keys of their own. */
    private static ConfigValue at(List<ConfigValue> values, String key) {
        return values.stream()
                .filter(value -> value.name().equals(key))
                .findFirst()
                .orElseGet(() -> {
                    var added = new ConfigValue(key);
                    values.add(added);
                    return added;
                });
    }

    /**
     * Exactly once for every change that is streamed. Reading the rows that were there before begins again with the table
     * it was in when the worker died, so a row may then come twice: with {@code snapshot.mode=initial} the answer is no.
     */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        return new ConnectorConfig(connectorConfig).readsExistingRows()
                ? ExactlyOnceSupport.UNSUPPORTED
                : ExactlyOnceSupport.SUPPORTED;
    }

    /** {@code transaction.boundary=connector}: Kafka transactions end where transactions of the database end. */
    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> connectorConfig) {
        return ConnectorTransactionBoundaries.SUPPORTED;
    }
}
