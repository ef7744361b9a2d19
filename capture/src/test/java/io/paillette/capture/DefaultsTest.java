package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Defaults that are the same whenever they are asked for are part of a table's shape; nothing else is evaluated. */
final class DefaultsTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void constantsAreKnownAsTheTextThatARowWouldHave() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'happy')", "create domain positive as int check (value > 0)");
        assertThat(defaults(
                        "id int primary key",
                        "a int not null default 7",
                        "b numeric(12,3) not null default 1.5",
                        "c text not null default 'it''s'",
                        "d varchar(40) not null default 'v'",
                        "e char(5) not null default 'c'",
                        "f boolean not null default true",
                        "g date not null default '2024-02-29'",
                        "h timestamptz not null default '2024-02-29 12:00+02'",
                        "i jsonb not null default '{}'",
                        "j mood not null default 'sad'",
                        "k int[] not null default '{1,2}'",
                        "l positive not null default 1"))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("a", "7"),
                        Map.entry("b", "1.500"),
                        Map.entry("c", "it's"),
                        Map.entry("d", "v"),
                        Map.entry("e", "c    "),
                        Map.entry("f", "t"),
                        Map.entry("g", "2024-02-29"),
                        Map.entry("h", "2024-02-29 10:00:00+00"),
                        Map.entry("i", "{}"),
                        Map.entry("j", "sad"),
                        Map.entry("k", "{1,2}")));
    }

    @Test
    void whatIsAnotherValueEachTimeOrHasAnEffectIsNotAskedFor() throws Exception {
        database.execute(
                "create sequence numbers",
                "create table effects (v int)",
                "create function effect() returns int volatile language sql as"
                        + " $$ insert into public.effects values (1) returning 1 $$",
                "create function hidden() returns int immutable language plpgsql as"
                        + " $$ begin perform public.effect(); return 1; end $$",
                "create domain checked as int check (public.hidden() > 0)");
        assertThat(defaults(
                        "id serial primary key",
                        "a timestamptz not null default now()",
                        "b timestamptz not null default current_timestamp",
                        "c int not null default nextval('numbers')",
                        "d int not null default effect()",
                        "e uuid not null default md5(random()::text)::uuid",
                        "f text not null default current_user",
                        "g int not null generated always as identity",
                        "h int default 1",
                        "i int not null default hidden()",
                        "j checked not null default 1",
                        "k text not null default repeat('x', 1000)",
                        "l int not null default 3 * 4"))
                .isEmpty();
        assertThat(database.query("select count(*) from effects"))
                .as("of the row that was inserted")
                .isEqualTo("3");
        assertThat(database.query("select last_value from numbers")).isEqualTo("1");
    }

    @Test
    void aDefaultThatNoRowMayHaveKeepsNoTableFromBeingRead() throws Exception {
        database.execute("create domain positive as int check (value > 0)");
        database.execute(
                "create table t (id int primary key, a positive not null default -1, b int not null default 2)");
        database.execute("insert into t values (1, 1)");
        try (var running = RunningCapture.start(settings())) {
            running.awaitText("READ t[1, 1, 2]");
        }
    }

    @Test
    void theDefaultIsOfTheTypeThatTheRowWasWrittenWith() throws Exception {
        database.execute("create table t (id int primary key, a int not null default 1)");
        RunningCapture.start(settings("no_data")).close();
        database.execute(
                "insert into t values (1)",
                "alter table t alter a drop default, alter a type text",
                "alter table t alter a set default 'none'",
                "insert into t values (2)");
        try (var running = RunningCapture.start(settings("no_data"))) {
            running.awaitText("INSERT t[2, none]");
            assertThat(running.events().stream()
                            .filter(CaptureEvent.Row.class::isInstance)
                            .map(event -> ((CaptureEvent.Row) event)
                                    .relation()
                                    .columns()
                                    .get(1)
                                    .declared()
                                    .defaultText()))
                    .containsExactly(Optional.empty(), Optional.of("none"));
        }
    }

    private Map<String, String> defaults(String... columns) throws Exception {
        database.execute(
                "create table t (" + String.join(", ", columns) + ")",
                "insert into t default values"
                        .replace(
                                "default values",
                                columns[0].startsWith("id serial") ? "default values" : "(id) values (1)"));
        try (var running = RunningCapture.start(settings())) {
            running.await(events -> events.stream().anyMatch(CaptureEvent.Row.class::isInstance));
            Map<String, String> found = new TreeMap<>();
            for (CaptureEvent event : running.events()) {
                if (event instanceof CaptureEvent.Row row
                        && row.relation().name().table().equals("t")) {
                    row.relation().columns().forEach(column -> column.declared()
                            .defaultText()
                            .ifPresent(text -> found.put(column.name(), text)));
                }
            }
            return found;
        }
    }

    private CaptureSettings settings() {
        return settings("initial");
    }

    private CaptureSettings settings(String snapshot) {
        return CaptureSettings.of(
                database.name(), Map.of(CaptureOption.URL, database.url(), CaptureOption.SNAPSHOT_MODE, snapshot));
    }
}
