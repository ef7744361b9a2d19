package io.paillette.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.paillette.broker.config.BrokerConfig.Source;
import io.paillette.capture.CaptureOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigReaderTest {

    private final Path home;

    ConfigReaderTest(@TempDir Path home) {
        this.home = home;
    }

    @Test
    void anEmptyFileHasEveryDefault() throws Exception {
        BrokerConfig config = read("");

        assertThat(config.network().brokerId()).isEqualTo(1);
        assertThat(config.network().listeners()).hasToString("[PLAINTEXT://127.0.0.1:9092]");
        assertThat(config.network().advertised()).isEmpty();
        assertThat(config.network().maxConnectionIdle()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.http()).hasValue(new BrokerConfig.Http(new HostPort("127.0.0.1", 8080), Optional.empty()));
        assertThat(config.store().url()).isEmpty();
        assertThat(config.store().embedded().port()).isEqualTo(5433);
        assertThat(config.store().embedded().dataDir()).isEqualTo(home.resolve("data"));
        assertThat(config.log().partitions()).isEqualTo(1);
        assertThat(config.log().topicDefaults())
                .containsEntry("retention.ms", "604800000")
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("max.message.bytes", "1048588");
        assertThat(config.sources()).isEmpty();
    }

    @Test
    void kafkasOwnConfigClassesReadTheSameValues() throws Exception {
        BrokerConfig config = read(
                """
                group.initial.rebalance.delay.ms=0
                offsets.topic.num.partitions=4
                group.streams.rack.aware.assignment.tags=zone,rack
                """);

        var groups = new GroupCoordinatorConfig(config.kafka());
        assertThat(groups.classicGroupInitialRebalanceDelayMs()).isZero();
        assertThat(groups.offsetsTopicPartitions()).isEqualTo(4);
        assertThat(groups.streamsGroupRackAwareAssignmentTags()).containsExactly("zone", "rack");
        assertThat(config.kafka().originals())
                .as("what clients are told somebody has set")
                .containsOnlyKeys(
                        "group.initial.rebalance.delay.ms",
                        "offsets.topic.num.partitions",
                        "group.streams.rack.aware.assignment.tags");
    }

    @Test
    void retentionInMillisecondsGoesBeforeHours() throws Exception {
        assertThat(read("log.retention.hours=1").log().topicDefaults()).containsEntry("retention.ms", "3600000");
        assertThat(read("log.retention.hours=1\nlog.retention.ms=5").log().topicDefaults())
                .containsEntry("retention.ms", "5");
    }

    @Test
    void aMisspeltKeyIsRefusedWithItsLineAndTheNearestName() {
        assertThat(problems("# a comment\n\nbroker.id=2\nlistners=PLAINTEXT://:9092\n"))
                .containsExactly("unknown key \"listners\" (line 4 of " + file() + "): did you mean \"listeners\"?");
    }

    @Test
    void aMisspeltOptionOfASourceIsRefusedWithTheNearestName() {
        assertThat(problems("source.app.url=store\nsource.app.tabels=public.*\n"))
                .containsExactly("unknown key \"source.app.tabels\" (line 2 of " + file()
                        + "): did you mean \"source.app.tables\"?");
        assertThat(problems("sorce.app.url=store\n"))
                .containsExactly(
                        "unknown key \"sorce.app.url\" (line 1 of " + file() + "): did you mean \"source.app.url\"?");
    }

    @Test
    void whatASequenceHasUnderAnotherNameIsToldWithIt() {
        assertThat(problems("source.app.url=store\nsequence.s.tables=public.t\nsequence.s.format=avro\n"))
                .singleElement()
                .asString()
                .endsWith(
                        "it is said by envelope and, where that is not to be JSON, by key.converter and value.converter");
        assertThat(problems("source.app.url=store\nsequence.s.tables=public.t\nsequence.s.compression=zstd\n"))
                .singleElement()
                .asString()
                .endsWith("it is Kafka's topic config compression.type");
    }

    @Test
    void aMaskThatIsMisspeltIsRefusedWithTheNearestName() {
        assertThat(problems("source.app.url=store\nsource.app.column.mask.with.ten.chars=public.customers.ssn\n"))
                .containsExactly("unknown key \"source.app.column.mask.with.ten.chars\" (line 2 of " + file()
                        + "): did you mean \"source.app.column.mask.with.10.chars\"?");
        assertThat(problems("source.app.url=store\nsource.app.column.mask.with.2.chars=a(\n"))
                .singleElement()
                .asString()
                .startsWith("source.app.column.mask.with.2.chars: \"a(\" is not a regular expression");
    }

    @Test
    void masksBelongToTheirSource() throws Exception {
        var source = read("source.app.url=store\nsource.app.column.mask.with.2.chars=.*ssn\n")
                .sources()
                .get(0);
        assertThat(source.masks()).isEqualTo(Map.of("column.mask.with.2.chars", ".*ssn"));
        assertThat(source.toString()).doesNotContain("column.mask");
    }

    @Test
    void aKeyThatIsLikeNoOtherPointsToTheDocs() {
        assertThat(problems("zookeeper.connect=x"))
                .containsExactly(
                        "unknown key \"zookeeper.connect\" (line 1 of " + file() + "): docs/config.md lists every key");
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        assertThat(problems("num.partitions=0\nlistners=x\nlisteners=9092\nstore.url=postgres://x\nhttp.listen=8080\n"))
                .hasSize(5)
                .anySatisfy(text -> assertThat(text)
                        .startsWith("num.partitions (line 1 of ")
                        .contains("must be at least 1"))
                .anySatisfy(text -> assertThat(text).contains("expected NAME://host:port"))
                .anySatisfy(text -> assertThat(text).contains("expected embedded or a JDBC URL"))
                .anySatisfy(text -> assertThat(text).contains("expected host:port"));
    }

    @Test
    void aKeySetTwiceIsRefusedWithBothLines() {
        assertThat(problems("broker.id=1\nbroker.id=2\n"))
                .containsExactly("\"broker.id\" is set twice in " + file() + ", on lines 1 and 2: remove one of them");
    }

    @Test
    void anOverrideGoesOverTheFileAndTheLastOneCounts() throws Exception {
        BrokerConfig config = read("broker.id=2\n", "broker.id=3", "broker.id=4");

        assertThat(config.network().brokerId()).isEqualTo(4);
    }

    @Test
    void anOverrideWithoutAValueIsRefused() {
        assertThat(problems("", "broker.id")).containsExactly("--set broker.id has no value: write --set KEY=VALUE");
    }

    @Test
    void aRelativeDataDirectoryInAFileIsBelowTheLauncherAndInAnOverrideBelowTheWorkingDirectory() throws Exception {
        assertThat(read("data.dir=x").store().embedded().dataDir()).isEqualTo(home.resolve("x"));
        assertThat(read("", "data.dir=x").store().embedded().dataDir())
                .isEqualTo(workingDirectory().resolve("x"));
    }

    @Test
    void aPasswordComesFromAFileOrTheEnvironmentAndIsNeverShown() throws Exception {
        Files.writeString(home.resolve("secret"), "from file\n");
        BrokerConfig config = read(
                """
                store.url=jdbc:postgresql://localhost/db
                store.password=file:secret
                source.app.url=jdbc:postgresql://localhost/db
                source.app.password=env:APP_PASSWORD
                """);

        assertThat(config.store().password()).isEqualTo("from file");
        assertThat(config.sources().get(0).options()).containsEntry(CaptureOption.PASSWORD, "from environment");
        assertThat(config.toString()).doesNotContain("from file").doesNotContain("from environment");
    }

    @Test
    void aSecretThatIsNotThereIsAnErrorThatNamesIt() {
        assertThat(problems("store.password=env:NOT_SET"))
                .containsExactly("store.password (line 1 of " + file()
                        + ") names the environment variable NOT_SET, which is not set");
        assertThat(problems("store.password=file:nowhere"))
                .singleElement()
                .asString()
                .contains("names the file " + home.resolve("nowhere"));
    }

    @Test
    void aSourceMayBeTheStoreItself() throws Exception {
        BrokerConfig config = read("source.app.url=store\nsource.app.tables=public.*, sales.orders\n");

        Source source = config.sources().get(0);
        assertThat(source.name()).isEqualTo("app");
        assertThat(source.fromStore()).isTrue();
        assertThat(source.options()).containsEntry(CaptureOption.TABLES, "public.*, sales.orders");
    }

    @Test
    void aSourceWithAnImpossibleOptionIsRefusedByName() {
        assertThat(problems("source.app.url=store\nsource.app.snapshot.mode=always\n"))
                .singleElement()
                .asString()
                .startsWith("source.app.snapshot.mode: ");
        assertThat(problems("source.app.tables=public.*\n"))
                .singleElement()
                .asString()
                .startsWith("source.app.url is missing");
    }

    @Test
    void aSequenceNamesItsTablesAndBelongsToTheOnlySource() throws Exception {
        var sequence =
                read("""
                source.app.url=store
                sequence.orders.tables=public.orders,public.orders_archive
                sequence.orders.partitions=6
                """)
                        .sequences()
                        .get(0);

        assertThat(sequence.source()).isEqualTo("app");
        assertThat(sequence.topic().name()).isEqualTo("orders");
        assertThat(sequence.selection().tables()).isEqualTo(List.of("public.orders", "public.orders_archive"));
        assertThat(sequence.topic().partitions()).isEqualTo(OptionalInt.of(6));
    }

    @Test
    void aTopicOfTwoSourcesIsRefused() {
        assertThat(
                        problems(
                                """
                source.a.url=store
                source.b.url=store
                sequence.orders.source=a
                sequence.orders.tables=public.orders
                sequence.same.source=b
                sequence.same.tables=public.orders
                sequence.same.topic=orders
                """))
                .containsExactly("sequence.same.topic (line 7 of " + file()
                        + "): topic \"orders\" is that of sequence orders, which source a feeds; a topic has one source,"
                        + " give this sequence another topic");
    }

    @Test
    void aSequenceOfNoSourceIsRefused() {
        assertThat(problems("sequence.orders.tables=public.orders\nsequence.orders.source=app\n"))
                .containsExactly("sequence.orders.source (line 2 of " + file()
                        + "): \"app\" must be one of the sources; there are: none");
    }

    @Test
    void anAdvertisedAddressMustBelongToAListenerAndBeReachable() {
        assertThat(problems("advertised.listeners=OUTSIDE://db.example:9092\n"))
                .singleElement()
                .asString()
                .contains("listener OUTSIDE has no security protocol");
        assertThat(problems("advertised.listeners=SSL://db.example:9092\n"))
                .singleElement()
                .asString()
                .contains("only PLAINTEXT is served");
        assertThat(problems("advertised.listeners=PLAINTEXT://0.0.0.0:9092\n"))
                .singleElement()
                .asString()
                .contains("no address that a client can connect to");
    }

    @Test
    void theClassicGroupProtocolCannotBeLeftOut() {
        assertThat(problems("group.coordinator.rebalance.protocols=consumer,streams\n"))
                .singleElement()
                .asString()
                .endsWith(": classic cannot be left out");
    }

    @Test
    void aMissingFileIsOneSentence() {
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> ConfigReader.read(input(home.resolve("nowhere.properties"))))
                .withMessage("there is no configuration file " + home.resolve("nowhere.properties")
                        + ": give the path of one, or none for the quickstart");
    }

    private Path file() {
        return home.resolve("test.properties");
    }

    private Path workingDirectory() {
        return home.resolve("elsewhere");
    }

    private ConfigInput input(Path file, String... overrides) {
        Map<String, String> environment = Map.of("APP_PASSWORD", "from environment");
        return new ConfigInput(file, List.of(overrides), home, workingDirectory(), environment::get);
    }

    private BrokerConfig read(String text, String... overrides) throws IOException, InvalidConfigException {
        return ConfigReader.read(input(Files.writeString(file(), text), overrides));
    }

    private List<String> problems(String text, String... overrides) {
        try {
            return List.of("no problem: " + read(text, overrides));
        } catch (InvalidConfigException e) {
            return e.problems();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
