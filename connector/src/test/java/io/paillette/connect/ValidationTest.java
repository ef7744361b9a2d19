package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Capture;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

/** What the database says to a configuration is told at the option that is to be changed. */
final class ValidationTest {

    private final PostgresSourceConnector connector = new PostgresSourceConnector();
    private final Database database = PostgresServer.shared().newDatabase();
    private final Map<String, String> config = Sample.pointedAt(Sample.json(), database);

    @Test
    void nothingIsSaidOfWhatIsRightAndNothingIsMadeByAsking() {
        database.execute("create table t (id int primary key)");
        assertThat(problems()).isEmpty();
        assertThat(database.query("select (select count(*) from pg_publication) + (select count(*) from"
                        + " pg_replication_slots where database = current_database())"))
                .isEqualTo("0");
    }

    @Test
    void aHostThatIsUnknownOrThatNobodyListensOnIsToldAtTheHost() {
        config.put("database.hostname", "no-such-host.invalid");
        only("database.hostname", "host no-such-host.invalid is unknown");
        config.put("database.hostname", "127.0.0.1");
        config.put("database.port", "1");
        only("database.hostname", "Connection to 127.0.0.1:1 refused");
        config.put("database.url", "jdbc:postgresql://127.0.0.1:1/x");
        only("database.url", "Connection to 127.0.0.1:1 refused");
    }

    @Test
    void aDatabaseThatIsNotThereIsToldAtItsName() {
        config.put("database.dbname", "not_there");
        only("database.dbname", "\"not_there\" does not exist");
    }

    @Test
    void aWrongPasswordIsToldAtPasswordAndUserAndAMissingOneToo() throws IOException {
        String role = "scram_" + database.name();
        database.execute(
                "set password_encryption = 'scram-sha-256'",
                "create role " + role + " login replication password 'right'");
        requirePassword(role);
        config.put("database.user", role);
        config.put("database.password", "wrong");
        assertThat(problems()).containsOnlyKeys("database.password", "database.user");
        assertThat(problems().toString())
                .contains("password authentication failed")
                .doesNotContain("wrong");
        config.put("database.password", "");
        assertThat(problems()).containsOnlyKeys("database.password", "database.user");
        config.put("database.password", "right");
        config.put("tables", "none.*");
        only("database.user", "GRANT CREATE ON DATABASE \"" + database.name() + "\" TO \"" + role + "\"");
    }

    @Test
    void aRoleThatIsUnknownOrMayNotReplicateIsToldAtTheUser() {
        config.put("database.user", "nobody");
        only("database.user", "\"nobody\" does not exist");
        String role = "plain_" + database.name();
        database.execute("create role " + role + " login");
        config.put("database.user", role);
        only("database.user", "ALTER ROLE \"" + role + "\" REPLICATION");
        database.execute("revoke connect on database " + database.name() + " from public");
        only("database.user", "permission denied for database");
    }

    @Test
    void tablesThatTheRoleMayNotPublishOrReadAreNamedAtTheTables() {
        String role = "poor_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "grant create on database " + database.name() + " to " + role,
                "create table others (id int primary key)",
                "create table own (id int primary key)",
                "alter table own owner to " + role);
        config.put("database.user", role);
        only("tables", "does not own public.others", "may not read the rows of public.others");
        database.execute("grant select on others to " + role);
        only("tables", "does not own public.others, and only owners may put tables into a publication");
        config.put("table.include.list", "public\\.others");
        only("table.include.list", "does not own public.others");
        config.put("table.include.list", "public\\.own");
        assertThat(problems()).isEmpty();
        database.execute("alter table own enable row level security");
        assertThat(problems()).as("its owner sees all").isEmpty();
        database.execute("alter table own force row level security");
        only("table.include.list", "Row-level security hides rows of public.own", "BYPASSRLS");
    }

    @Test
    void columnsThatTheRoleMayNotReadAreNamedWhereTheirValuesAreAskedForAgain() {
        String role = "narrow_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "grant create on database " + database.name() + " to " + role,
                "create table docs (id int primary key, n int, doc text, secret text)",
                "alter table docs owner to " + role,
                "revoke all on docs from " + role,
                "create table figures (id int primary key, n int)",
                "alter table figures owner to " + role,
                "revoke all on figures from " + role,
                "grant select (id, doc) on docs to " + role);
        config.put("database.user", role);
        config.put("snapshot.mode", "no_data");
        assertThat(problems()).isEmpty();
        config.put("unavailable.value.handling", "reread");
        only("tables", "may not read public.docs.secret, whose values", "GRANT SELECT");
        config.put("column.exclude.list", "public\\.docs\\.secret");
        assertThat(problems()).isEmpty();
        database.execute("revoke select (id) on docs from " + role);
        only("tables", "may not read public.docs.id, whose values");
        database.execute("grant select on docs to " + role, "alter table docs enable row level security");
        assertThat(problems()).as("its owner sees all").isEmpty();
        database.execute("alter table docs force row level security");
        only("tables", "Row-level security hides rows of public.docs", "unavailable.value.handling");
    }

    @Test
    void aSlotThatIsAnothersIsToldAtTheSlot() {
        database.query("select pg_create_logical_replication_slot('other_" + database.name() + "', 'test_decoding')");
        config.put("slot.name", "other_" + database.name());
        only("slot.name", "plugin test_decoding", "set slot.name to another name");
        Database elsewhere = PostgresServer.shared().newDatabase();
        elsewhere.query("select pg_create_logical_replication_slot('there_" + database.name() + "', 'pgoutput')");
        config.put("slot.name", "there_" + database.name());
        only("slot.name", "database " + elsewhere.name());
        config.put("slot.name", "Not-A-Slot");
        only("slot.name", "Not-A-Slot");
    }

    @Test
    void aPublicationThatCannotBeOursIsToldAtThePublication() {
        database.execute("create publication everything for all tables");
        config.put("publication.name", "everything");
        only("publication.name", "is FOR ALL TABLES");
        String role = "another_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "grant create on database " + database.name() + " to " + role,
                "create publication theirs");
        config.put("publication.name", "theirs");
        config.put("database.user", role);
        only("publication.name", "may not change publications that are another role's: theirs (of postgres)");
        config.put("publication.name", "x".repeat(70));
        only("publication.name", "x".repeat(70));
    }

    @Test
    void publicationsThatSomebodyElseMadeAreFineAsLongAsTheyAreAsTheyShouldBe() throws Exception {
        database.execute("create table t (id int primary key)");
        var settings = new ConnectorConfig(config).captureSettings();
        Capture.start(settings, Optional.empty()).close();
        String role = "reader_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "grant create on database " + database.name() + " to " + role,
                "grant select on t to " + role);
        config.put("database.user", role);
        assertThat(problems()).isEmpty();
        database.execute("alter publication " + settings.publication() + " set (publish = 'insert')");
        only("publication.name", "may not change publications that are another role's");
    }

    @Test
    void aTableThatRowsAloneCannotTellIsNamed() {
        database.execute("create table keyless (v text)", "create table t (id int primary key)");
        config.put("envelope", "row");
        only("tables", "envelope=row: table public.keyless has no key");
        config.put("envelope", "change");
        assertThat(problems()).isEmpty();
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        String role = "all_" + database.name();
        database.execute(
                "create role " + role + " login replication",
                "create table others (id int primary key)",
                "create publication everything for all tables");
        database.query("select pg_create_logical_replication_slot('all_" + database.name() + "', 'test_decoding')");
        config.put("database.user", role);
        config.put("slot.name", "all_" + database.name());
        config.put("publication.name", "everything");
        assertThat(problems()).containsOnlyKeys("slot.name", "publication.name", "tables");
    }

    @Test
    void eachOptionHasAGroupAWidthAndWordsForAFormAndChoicesAreOffered() {
        ConfigDef definition = connector.config();
        assertThat(definition.configKeys().values()).allSatisfy(key -> {
            assertThat(key.group).isNotBlank();
            assertThat(key.width).isNotEqualTo(ConfigDef.Width.NONE);
            assertThat(key.displayName).matches("[A-Z][A-Za-z ]+");
        });
        Map<String, ConfigValue> values = definition.validateAll(Map.of("topic.prefix", "app"));
        assertThat(values.get("snapshot.mode").recommendedValues()).containsExactly("initial", "no_data");
        assertThat(values.get("ddl.trigger").recommendedValues()).containsExactly("true", "false");
        assertThat(values.get("database.hostname").visible()).isTrue();
        values = definition.validateAll(Map.of("topic.prefix", "app", "database.url", "jdbc:postgresql://h/d"));
        assertThat(values.get("database.hostname").visible()).isFalse();
        assertThat(values.get("database.user").visible()).isTrue();
    }

    /** The server lets all others in without. */
    private void requirePassword(String role) throws IOException {
        Path rules = Path.of(database.query("show hba_file"));
        Files.writeString(rules, "host all " + role + " 127.0.0.1/32 scram-sha-256\n" + Files.readString(rules));
        database.query("select pg_reload_conf()");
    }

    private void only(String key, String... sentences) {
        assertThat(problems()).containsOnlyKeys(key);
        assertThat(problems().get(key).toString()).contains(sentences);
    }

    private Map<String, List<String>> problems() {
        return connector.validate(config).configValues().stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
    }
}
