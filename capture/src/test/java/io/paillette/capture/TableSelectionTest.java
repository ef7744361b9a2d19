package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tables are captured, by Postgres, by its event trigger and by us alike. */
final class TableSelectionTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void expressionsChooseTablesThatAreThereAndThatCome(boolean trigger) throws Exception {
        database.execute("create schema sales", "create schema audit");
        List.of("public.orders", "sales.orders", "audit.orders", "sales.items", "sales.\"Odd_1\"", "sales.\"Ünlü\"")
                .forEach(name -> database.execute(
                        "create table " + name + " (id int primary key)", "insert into " + name + " values (1)"));
        var settings = settings(Map.of(
                CaptureOption.TABLE_INCLUDE_LIST, "(public|sales|audit)\\.orders, SALES\\.(odd_[0-9]+|Ünlü)",
                CaptureOption.TABLE_EXCLUDE_LIST, "audit\\..*",
                CaptureOption.DDL_TRIGGER, String.valueOf(trigger)));
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(4);
            database.execute(
                    "create table sales.even_2 (id int primary key)",
                    "insert into sales.even_2 values (2)",
                    "create table sales.odd_2 (id int primary key)",
                    "insert into sales.odd_2 values (2)");
            assertThat(running.awaitChanges(5)).hasSize(5);
            assertThat(running.events().stream()
                            .filter(CaptureEvent.Row.class::isInstance)
                            .map(event -> ((CaptureEvent.Row) event).relation().name())
                            .peek(name -> assertThat(settings.tables().contains(name))
                                    .as("%s", name)
                                    .isTrue())
                            .map(TableName::toString))
                    .containsExactlyInAnyOrder(
                            "public.orders", "sales.orders", "sales.Odd_1", "sales.Ünlü", "sales.odd_2");
        }
        assertThat(settings.tables().contains(new TableName("audit", "orders"))).isFalse();
        assertThat(settings.tables().contains(new TableName("sales", "even_2"))).isFalse();
    }

    @Test
    void aTableCanBeLeftOutOfPatterns() throws Exception {
        database.execute("create table a (id int primary key)", "create table b (id int primary key)");
        database.execute("insert into a values (1)", "insert into b values (1)");
        var settings = settings(Map.of(CaptureOption.TABLE_EXCLUDE_LIST, "public.a"));
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into a values (2)", "insert into b values (2)");
            assertThat(running.awaitChanges(2)).noneMatch(text -> text.contains(" a["));
        }
        assertThat(settings.tables().contains(new TableName("public", "a"))).isFalse();
        assertThat(settings.tables().contains(new TableName("public", "b"))).isTrue();
    }

    @Test
    void patternsAndExpressionsBesideEachOtherAreRefused() {
        assertThatThrownBy(() -> settings(
                        Map.of(CaptureOption.TABLES, "public.a", CaptureOption.TABLE_INCLUDE_LIST, "public.a")))
                .hasMessage("table.include.list: may not be given beside tables");
        assertThatThrownBy(() -> settings(Map.of(CaptureOption.TABLE_INCLUDE_LIST, "public.(a")))
                .hasMessageStartingWith("table.include.list: \"public.(a\" is not a regular expression");
    }

    /** What Java takes and Postgres does not. */
    @Test
    void anExpressionThatPostgresDoesNotUnderstandStopsTheStart() {
        assertThatThrownBy(() ->
                        RunningCapture.start(settings(Map.of(CaptureOption.TABLE_INCLUDE_LIST, "public\\.\\Qa\\E"))))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("invalid regular expression");
    }

    @Test
    void anExpressionThatMeansSomethingElseToPostgresStopsTheStart() {
        database.execute("create table b (id int primary key)");
        assertThatThrownBy(
                        () -> RunningCapture.start(settings(Map.of(CaptureOption.TABLE_EXCLUDE_LIST, "public\\.\\bb"))))
                .hasMessageContaining("mean something else to Postgres than to Java, of table public.b");
    }

    private CaptureSettings settings(Map<CaptureOption, String> options) {
        var all = new EnumMap<CaptureOption, String>(CaptureOption.class);
        all.putAll(options);
        all.put(CaptureOption.URL, database.url());
        return CaptureSettings.of(database.name(), all);
    }
}
