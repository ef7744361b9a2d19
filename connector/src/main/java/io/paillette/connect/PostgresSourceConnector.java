package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.Relation;
import io.paillette.capture.SourceProblem;
import io.paillette.capture.TableName;
import io.paillette.capture.envelope.Envelope;
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
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * Streams the changes of a Postgres database to topics {@code <topic.prefix>.<schema>.<table>}, in Debezium's
 * envelope unless another is chosen. One task: a database has one WAL.
 */
public final class PostgresSourceConnector extends SourceConnector {

    private static final Pattern NAMED = Pattern.compile(" for configuration (\\S+): ");

    /** Connect's own option. */
    private static final String EXACTLY_ONCE = "exactly.once.support";

    private static final String BOUNDARY = "transaction.boundary";

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
            config.requireValid();
            List<SourceProblem> problems = Capture.problems(config.captureSettings());
            problems.forEach(problem -> config.placesOf(problem.where())
                    .forEach(place -> at(values, place).addErrorMessage(problem.sentence())));
            if (problems.isEmpty()) {
                checkKeys(config, values);
                checkExactlyOnce(config, connectorConfigs, values);
            }
        } catch (ConfigException e) {
            String message = String.valueOf(e.getMessage());
            at(values, named(message)).addErrorMessage(message);
        }
        return new Config(values);
    }

    /** The first row of a table without one would stop the task, perhaps hours from now. */
    private static void checkKeys(ConnectorConfig config, List<ConfigValue> values) {
        if (!config.tellsRowsAlone()) {
            return;
        }
        String place = config.placesOf(SourceProblem.Where.TABLES).get(0);
        try {
            for (Relation table : Capture.relations(config.captureSettings(), all -> true)) {
                Envelope.ROW.refusal(table).ifPresent(why -> at(values, place).addErrorMessage("envelope=row: " + why));
            }
        } catch (CaptureException e) {
            at(values, place).addErrorMessage(e.getMessage());
        }
    }

    /** Connect only says that it is not possible. */
    private static void checkExactlyOnce(
            ConnectorConfig config, Map<String, String> connectorConfigs, List<ConfigValue> values) {
        if (!"required".equalsIgnoreCase(connectorConfigs.get(EXACTLY_ONCE)) || !config.readsExistingRows()) {
            return;
        }
        if (isByInterval(connectorConfigs)) {
            at(values, CaptureOption.SNAPSHOT_MODE.key())
                    .addErrorMessage("exactly once is not possible with " + BOUNDARY + "=interval where rows are read"
                            + " first: set it to connector, or snapshot.mode=no_data");
            return;
        }
        List<TableName> repeated = repeated(config, connectorConfigs);
        if (!repeated.isEmpty()) {
            at(values, CaptureOption.SNAPSHOT_MODE.key())
                    .addErrorMessage(
                            "rows of tables that are read in one go come twice when the worker dies while it reads them, so"
                                    + " exactly once is not possible with " + repeated
                                    + ": their changes tell neither their primary key nor the whole row, or their rows have"
                                    + " no place that lasts or that the role may ask for (tables of an access method other"
                                    + " than heap, partitions that are foreign tables or that it may not read). Give them a"
                                    + " primary key, set REPLICA IDENTITY FULL, leave them out, or set"
                                    + " snapshot.mode=no_data");
        }
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
     * Exactly once for every change that is streamed and for rows that are read, but for those of a table that is read in one
     * go and too large for one Kafka transaction: when the worker dies while that is read, its rows come again.
     */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        var config = new ConnectorConfig(connectorConfig);
        return config.readsExistingRows()
                        && (isByInterval(connectorConfig)
                                || !repeated(config, connectorConfig).isEmpty())
                ? ExactlyOnceSupport.UNSUPPORTED
                : ExactlyOnceSupport.SUPPORTED;
    }

    /** Kafka transactions then end at any place, and what is open when the database goes away is read once more. */
    private static boolean isByInterval(Map<String, String> all) {
        return "interval".equalsIgnoreCase(all.get(BOUNDARY));
    }

    /** Tables of which rows may come twice. */
    private static List<TableName> repeated(ConnectorConfig config, Map<String, String> all) {
        long bytes = "connector".equalsIgnoreCase(all.get(BOUNDARY)) ? RecordBatches.LARGEST_TABLE_BYTES : 0;
        try {
            return Capture.unkeyedTables(config.captureSettings(), bytes);
        } catch (CaptureException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    /**
     * Refuses what the task could not go on from, before it is stored. A reset, and the removal of offsets that are not ours,
     * is always right.
     *
     * @throws ConnectException saying what is wrong with which partition or offset
     */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
        new GivenOffsets(new ConnectorConfig(connectorConfig)).check(offsets);
        return true;
    }

    /** {@code transaction.boundary=connector}: Kafka transactions end where transactions of the database end. */
    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> connectorConfig) {
        return ConnectorTransactionBoundaries.SUPPORTED;
    }
}
