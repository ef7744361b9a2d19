package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureOption;
import io.paillette.testkit.PostgresServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigurationTest {

    /** What Connect itself reads of a source connector's configuration. */
    private static final Set<String> CONNECTS_OWN = Set.of(
            "name",
            "connector.class",
            "tasks.max",
            "transaction.boundary",
            "topic.creation.default.partitions",
            "topic.creation.default.replication.factor");

    private final PostgresSourceConnector connector = new PostgresSourceConnector();

    static Stream<Map<String, String>> samples() {
        return Stream.of(Sample.properties(), Sample.json());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyKeyOfTheSamplesIsKnownAndSaysTheDefaultOrIsToBeFilledIn(Map<String, String> sample) {
        assertThat(sample.keySet().stream().filter(key -> !CONNECTS_OWN.contains(key)))
                .isSubsetOf(connector.config().names());
        assertThat(new ConnectorConfig(sample).captureSettings().server().jdbcUrl())
                .isEqualTo("jdbc:postgresql://localhost:5432/postgres");
    }

    @Test
    void theSamplesAreTheSame() {
        var properties = new HashMap<>(Sample.properties());
        properties.remove("name");
        assertThat(Sample.json()).isEqualTo(properties);
    }

    @Test
    void everyOptionOfCaptureIsAnOptionOfTheConnectorWithItsDocumentation() {
        for (CaptureOption option : CaptureOption.values()) {
            String key =
                    ConnectorOption.ownName(option).map(ConnectorOption::key).orElse(option.key());
            assertThat(connector.config().configKeys()).containsKey(key);
        }
        assertThat(connector.config().configKeys().values())
                .allSatisfy(key -> assertThat(key.documentation).isNotBlank());
    }

    /** Connect lets any key pass. */
    @Test
    void aMaskThatIsMisspeltIsNotIgnored() {
        assertThat(problems(with("column.mask.with.chars", "public.customers.ssn")))
                .containsOnlyKeys("column.mask.with.chars")
                .extractingByKey("column.mask.with.chars")
                .asString()
                .contains("is no option; those of columns are", "column.mask.with.<length>.chars");
    }

    @Test
    void aRightConfigurationOfADatabaseThatAnswersIsValid() {
        assertThat(problems(usable())).isEmpty();
    }

    @Test
    void eachMistakeIsToldAtItsOption() {
        assertThat(problems(with("topic.prefix", "no blanks"))).containsOnlyKeys("topic.prefix");
        assertThat(problems(with("topic.delimiter", "/"))).containsOnlyKeys("topic.delimiter");
        assertThat(problems(with("topic.delimiter", ""))).containsOnlyKeys("topic.delimiter");
        assertThat(problems(with("tombstones.on.delete", "no"))).containsOnlyKeys("tombstones.on.delete");
        assertThat(problems(with("tables", "orders"))).containsOnlyKeys("tables");
        assertThat(problems(with("snapshot.mode", "sometimes"))).containsOnlyKeys("snapshot.mode");
        assertThat(problems(with("message.prefix.include.list", "a(b")))
                .containsOnlyKeys("message.prefix.include.list");
        assertThat(problems(with("slot.name", "No"))).containsOnlyKeys("slot.name");
        assertThat(problems(with("envelope", "rows"))).containsOnlyKeys("envelope");
        assertThat(problems(with("column.exclude.list", "a(b"))).containsOnlyKeys("column.exclude.list");
        assertThat(problems(with("skipped.operations", "delete"))).containsOnlyKeys("skipped.operations");
        assertThat(problems(with("column.mask.hash.v2.SHA-0.with.salt.x", "a")))
                .containsOnlyKeys("column.mask.hash.v2.SHA-0.with.salt.x");
        assertThat(problems(with("database.hostname", ""))).containsOnlyKeys("database.hostname");
        assertThat(problems(with("database.dbname", ""))).containsOnlyKeys("database.dbname");
        assertThat(problems(with("database.url", "postgres"))).containsOnlyKeys("database.url");
        assertThat(problems(with("max.queue.size.in.bytes", "many"))).containsOnlyKeys("max.queue.size.in.bytes");
        assertThat(problems(with("snapshot.max.threads", "0"))).containsOnlyKeys("snapshot.max.threads");
        assertThat(problems(with("field.name.adjustment.mode", "camel")))
                .containsOnlyKeys("field.name.adjustment.mode");
    }

    @Test
    void eachMistakeOfSignalsAndNotificationsIsToldAtItsOption() {
        assertThat(problems(with("signal.data.collection", "signals"))).containsOnlyKeys("signal.data.collection");
        assertThat(problems(with("signal.enabled.channels", "source,jmx"))).containsOnlyKeys("signal.enabled.channels");
        assertThat(problems(with("signal.enabled.channels", "kafka")))
                .containsOnlyKeys("signal.kafka.bootstrap.servers");
        assertThat(problems(with("notification.enabled.channels", "sink")))
                .containsOnlyKeys("notification.sink.topic.name");
        var excluded = with("signal.data.collection", "ops.signals");
        excluded.put("table.exclude.list", "ops\\..*");
        assertThat(problems(excluded)).containsOnlyKeys("table.exclude.list");
    }

    @Test
    void theDatabaseIsTriedAndItsAnswerToldAtTheOptionItBelongsTo() {
        assertThat(problems(with("database.port", "1"))).containsOnlyKeys("database.hostname");
        assertThat(problems(with("database.dbname", "not_there"))).containsOnlyKeys("database.dbname");
        assertThat(problems(with("database.user", "nobody"))).containsOnlyKeys("database.user");
    }

    @Test
    void aUrlIsTakenInsteadOfItsParts() {
        var config = new ConnectorConfig(Map.of(
                "topic.prefix", "app", "database.url", "jdbc:postgresql://db.example:6432/shop?sslmode=require"));
        assertThat(config.database()).isEqualTo("shop");
        assertThat(config.captureSettings().server().jdbcUrl())
                .isEqualTo("jdbc:postgresql://db.example:6432/shop?sslmode=require");
    }

    @Test
    void databaseNamesAndIpv6HostsSurviveInTheUrl() {
        var config = new ConnectorConfig(
                Map.of("topic.prefix", "app", "database.hostname", "::1", "database.dbname", "a b/c%?"));
        assertThat(config.database()).isEqualTo("a b/c%?");
        assertThat(config.captureSettings().server().jdbcUrl()).startsWith("jdbc:postgresql://[::1]:5432/");
    }

    @Test
    void withoutADatabaseTheMissingOptionIsNamed() {
        assertThatThrownBy(() -> new ConnectorConfig(Map.of("topic.prefix", "app")).captureSettings())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("database.hostname");
    }

    @Test
    void exactlyOnceIsClaimedUnlessATableThatIsReadInOneGoIsTooLargeForOneKafkaTransaction() {
        var database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table keyed (id int primary key)",
                "insert into keyed select generate_series(1, 100000)",
                "create table keyless (id int)",
                "insert into keyless select generate_series(1, 100000)",
                "create table deferred (id int primary key deferrable)",
                "insert into deferred select generate_series(1, 100000)",
                "create table small (id int not null unique)",
                "alter table small replica identity using index small_id_key",
                "insert into small values (-1)");
        var config = Sample.pointedAt(usable(), database);
        config.put("exactly.once.support", "required");
        assertThat(connector.exactlyOnceSupport(config)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
        assertThat(problems(config)).isEmpty();

        database.execute("insert into small select generate_series(1, 100000)");
        assertThat(connector.exactlyOnceSupport(config)).isEqualTo(ExactlyOnceSupport.UNSUPPORTED);
        assertThat(problems(config))
                .containsOnlyKeys("snapshot.mode")
                .extractingByKey("snapshot.mode")
                .asString()
                .contains("[public.small]");

        config.put("snapshot.mode", "no_data");
        assertThat(connector.exactlyOnceSupport(config)).isEqualTo(ExactlyOnceSupport.SUPPORTED);
        assertThat(problems(config)).isEmpty();
    }

    @Test
    void whoCannotAskTheDatabaseClaimsNothing() {
        assertThatThrownBy(() -> connector.exactlyOnceSupport(with("database.port", "1")))
                .isInstanceOf(ConnectException.class);
    }

    private Map<String, List<String>> problems(Map<String, String> config) {
        return connector.validate(config).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(java.util.stream.Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }

    private static Map<String, String> usable() {
        var server = PostgresServer.shared();
        var map = new HashMap<>(Sample.json());
        map.put("database.hostname", "127.0.0.1");
        map.put("database.port", Integer.toString(server.port()));
        return map;
    }

    private static Map<String, String> with(String key, String value) {
        var map = new HashMap<>(usable());
        map.put(key, value);
        return map;
    }
}
