package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.connect.DebeziumProperty.Fate;
import io.paillette.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

/** Configurations that were written for Debezium. */
final class DebeziumConfigTest {

    private static final String BEGIN = "<!-- properties, written by DebeziumConfigTest -->";
    private static final String END = "<!-- /properties -->";
    private static final String REGENERATE =
            "to write it anew: mvn -pl connector -am test -Dtest=DebeziumConfigTest -Dpages=write"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void theSampleInOurNamesIsTheOtherSample() throws IOException {
        var read = DebeziumConfig.of(file("config/debezium.properties"));
        assertThat(read.refused()).isEmpty();
        assertThat(read.properties()).isEqualTo(file("config/debezium-result.properties"));
        assertThat(new ConnectorConfig(read.properties()).captureSettings().tables())
                .hasToString("[(?=(?:public|sales)\\.)(?:.*\\.orders|public\\.customers)]");
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
    void whatIsNotPossibleIsRefusedWithItsReasonUnlessItChangesNothing() {
        assertThat(DebeziumConfig.of(Map.of("tombstones.on.delete", "true", "lsn.flush.mode", "connector")))
                .isEqualTo(new DebeziumConfig(Map.of(), java.util.List.of(), Map.of()));
        assertThat(DebeziumConfig.of(Map.of("tombstones.on.delete", "false", "snapshot.mode", "always"))
                        .refused())
                .containsOnlyKeys("tombstones.on.delete", "snapshot.mode");
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
        Path page = Peer.root().resolve("docs/debezium.md");
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        assertThat(begin).isPositive();
        String generated = text.substring(0, begin) + BEGIN + "\n\n" + table() + "\n" + text.substring(end);
        if ("write".equals(System.getProperty("pages"))) {
            Files.writeString(page, generated);
        }
        assertThat(Files.readString(page)).as(REGENERATE).isEqualTo(generated);
    }

    private static String table() {
        var table = new StringBuilder("| property | what becomes of it | |\n|---|---|---|\n");
        for (Fate fate : Fate.values()) {
            for (DebeziumProperty property : DebeziumProperty.values()) {
                if (property.fate() == fate) {
                    String becomes = fate.name().toLowerCase(java.util.Locale.ROOT)
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
