package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.column.ColumnOption;
import io.paillette.connect.DebeziumProperty.Fate;
import io.paillette.connect.metrics.SnapshotMXBean;
import io.paillette.connect.metrics.StreamingMXBean;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

/** Configurations that were written for Debezium. */
final class DebeziumConfigTest {

    private static final DocsPart PAGE = new DocsPart("docs/debezium.md", "properties", "DebeziumConfigTest");

    @Test
    void theSampleInOurNamesIsTheOtherSample() throws IOException {
        Map<String, String> result = file("config/debezium-result.properties");
        var read = DebeziumConfig.of(file("config/debezium.properties"));
        assertThat(read.refused()).isEmpty();
        var ofDebezium = new ConnectorConfig(file("config/debezium.properties")).captureSettings();
        var ours = new ConnectorConfig(result).captureSettings();
        assertThat(ofDebezium.server()).isEqualTo(ours.server());
        assertThat(ofDebezium.tables()).hasToString(ours.tables().toString());
        result.remove("database.url");
        assertThat(read.properties()).isEqualTo(result);
    }

    /** Dashboards ask for them by name. */
    @Test
    void theMetricsThatAreCalledAsDebeziumsAreDebeziums() throws Exception {
        String metrics = "io.debezium.pipeline.metrics.";
        try (var loader = debezium()) {
            assertThat(names(StreamingMXBean.class))
                    .isSubsetOf(names(loader.loadClass(metrics + "StreamingChangeEventSourceMetricsMXBean")));
            assertThat(names(SnapshotMXBean.class))
                    .isSubsetOf(names(loader.loadClass(metrics + "SnapshotChangeEventSourceMetricsMXBean")));
        }
    }

    private static Set<String> names(Class<?> bean) {
        return Arrays.stream(bean.getMethods())
                .map(method -> method.getName().replaceFirst("^(is|get)", ""))
                .collect(Collectors.toSet());
    }

    static URLClassLoader debezium() throws IOException {
        var jars = new ArrayList<URL>();
        try (var files = Files.walk(Peer.debeziumPlugins())) {
            for (Path jar :
                    (Iterable<Path>) files.filter(file -> file.toString().endsWith(".jar"))::iterator) {
                jars.add(jar.toUri().toURL());
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** One of another version would be swallowed without a word. */
    @Test
    void nothingOfWhatDebeziumKnowsIsUnknownHere() throws Exception {
        Set<String> ours = new PostgresSourceConnector().config().names();
        try (var loader = debezium()) {
            Object definition = definitionOf(loader);
            Set<?> theirs = (Set<?>) definition.getClass().getMethod("names").invoke(definition);
            assertThat(theirs).hasSizeGreaterThan(60);
            assertThat(theirs.stream()
                            .map(String::valueOf)
                            .filter(name -> !name.contains("(")) // masks, whose names are expressions there
                            .filter(name -> !ours.contains(name)
                                    && !DebeziumProperty.isKnown(name)
                                    && !ColumnOption.isKey(name)))
                    .isEmpty();
        }
    }

    /** Kafka looks classes up as the thread does. */
    private static Object definitionOf(ClassLoader loader) throws ReflectiveOperationException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            Class<?> type = loader.loadClass("io.debezium.connector.postgresql.PostgresConnector");
            return type.getMethod("config").invoke(type.getConstructor().newInstance());
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void aPasswordOfAKeyFileIsInNoMessage() {
        var given = Map.of(
                "topic.prefix", "app",
                "database.hostname", "h",
                "database.dbname", "d",
                "database.sslpassword", "geheim",
                "slot.name", "Not A Slot");
        assertThat(new ConnectorConfig(Map.of(
                                "topic.prefix", "app",
                                "database.hostname", "::1",
                                "database.dbname", "d",
                                "database.sslpassword", "geheim"))
                        .captureSettings()
                        .server()
                        .jdbcUrl())
                .isEqualTo("jdbc:postgresql://[::1]:5432/d?sslpassword=geheim");
        assertThatThrownBy(() -> new ConnectorConfig(given).captureSettings())
                .hasMessageContaining("slot.name")
                .hasMessageNotContaining("geheim");
        assertThat(String.join(" ", new ConnectorConfig(given).notes())).doesNotContain("geheim");
    }

    @Test
    void everyRefusedPropertyIsToldAtItsPlaceAndWithoutItsValue() {
        var values = new PostgresSourceConnector()
                .validate(Map.of(
                        "topic.prefix", "app",
                        "snapshot.mode", "always",
                        "database.initial.statements", "set role secret",
                        "schema.include.list", "^public$"));
        assertThat(values.configValues().stream()
                        .filter(value -> value.errorMessages().stream()
                                .anyMatch(message -> message.contains("not possible here")))
                        .map(ConfigValue::name))
                .containsExactlyInAnyOrder("snapshot.mode", "database.initial.statements", "schema.include.list");
        assertThat(values.configValues().stream().flatMap(value -> value.errorMessages().stream()))
                .noneMatch(message -> message.contains("role secret"));
    }

    @Test
    void caseDoesNotMatterAndNothingIsNothing() {
        var read = DebeziumConfig.of(Map.of(
                "snapshot.mode", "INITIAL", "slot.drop.on.stop", "FALSE", "converters", "", "slot.stream.params", " "));
        assertThat(read.refused()).isEmpty();
        assertThat(read.properties()).isEqualTo(Map.of("snapshot.mode", "INITIAL"));
    }

    @Test
    void whatIsMappedOrIgnoredIsToldWithItsReason() {
        var read = DebeziumConfig.of(Map.of(
                "schema.exclude.list", "audit", "poll.interval.ms", "100", "snapshot.mode", "never", "slot.name", "s"));
        assertThat(read.properties())
                .isEqualTo(
                        Map.of("table.exclude.list", "(?:audit)\\..*", "snapshot.mode", "no_data", "slot.name", "s"));
        assertThat(read.notes())
                .containsExactlyInAnyOrder(
                        "schema.exclude.list=audit becomes table.exclude.list=(?:audit)\\..*",
                        "poll.interval.ms is ignored: nothing waits for an interval",
                        "snapshot.mode=never becomes no_data");
    }

    @Test
    void theNumberOfThreadsThatReadTablesIsOursToo() {
        var read = DebeziumConfig.of(Map.of(
                "snapshot.max.threads", "4",
                "snapshot.max.threads.multiplier", "2",
                "legacy.snapshot.max.threads", "true"));
        assertThat(read.properties()).isEqualTo(Map.of("snapshot.max.threads", "4"));
        assertThat(read.notes())
                .hasSize(2)
                .contains("legacy.snapshot.max.threads is ignored: each thread reads a table, as with true");
    }

    @Test
    void whatIsNotPossibleIsRefusedWithItsReasonUnlessItChangesNothing() {
        assertThat(DebeziumConfig.of(Map.of("slot.drop.on.stop", "false", "lsn.flush.mode", "connector")))
                .isEqualTo(new DebeziumConfig(Map.of(), List.of(), Map.of(), Map.of()));
        assertThat(DebeziumConfig.of(Map.of("slot.drop.on.stop", "true", "snapshot.mode", "always"))
                        .refused())
                .containsOnlyKeys("slot.drop.on.stop", "snapshot.mode");
        assertThatThrownBy(() -> new ConnectorConfig(Map.of("topic.prefix", "app", "plugin.name", "decoderbufs")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("plugin.name")
                .hasMessageContaining("not possible here: pgoutput is the one that every server has");
    }

    @Test
    void ourOwnOptionsAreNotTakenForDebeziums() {
        assertThat(new PostgresSourceConnector().config().names())
                .filteredOn(name -> !name.equals("snapshot.mode"))
                .noneMatch(DebeziumProperty::isKnown);
    }

    @Test
    void theTableInTheDocsIsTheGeneratedOne() throws IOException {
        PAGE.requireIs(table());
    }

    private static String table() {
        var table = new StringBuilder("| property | what becomes of it | |\n|---|---|---|\n");
        for (Fate fate : Fate.values()) {
            for (DebeziumProperty property : DebeziumProperty.values()) {
                if (property.fate() == fate) {
                    String becomes = fate.name().toLowerCase(Locale.ROOT)
                            + (property.harmless().isEmpty()
                                    ? ""
                                    : ", unless it is `" + String.join("`, `", property.harmless()) + "`");
                    table.append("| `%s` | %s | %s |\n".formatted(property.pattern(), becomes, property.why()));
                }
            }
        }
        return table.toString();
    }

    private static Map<String, String> file(String path) throws IOException {
        var properties = new Properties();
        try (var in = Files.newInputStream(Peer.root().resolve(path))) {
            properties.load(in);
        }
        var map = new HashMap<String, String>();
        properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
        return map;
    }
}
