package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Columns left out, masked, and keys of one's choice, from the rows that were there to the last change. */
final class ToldColumnsTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void whatIsLeftOutOrMaskedIsSoInEveryRecord() throws Exception {
        database.execute(
                "create table customers (id int primary key, name text, email varchar(8), ssn text, pin int)",
                "alter table customers replica identity full",
                "insert into customers values (1, 'Annabel', 'a@x.org', '123', 7), (2, null, null, null, null)");
        var settings = settings(
                Map.of(CaptureOption.COLUMN_EXCLUDE_LIST, "public.customers.ssn"),
                Map.of(
                        "column.truncate.to.4.chars", "public.customers.name",
                        "column.mask.with.3.chars", "public.customers.pin",
                        "column.mask.hash.v2.SHA-256.with.salt.s", "public.customers.email"));
        String anna = "{\"id\":1,\"name\":\"Anna\",\"email\":\"9c7d6414\",\"pin\":\"***\"}";
        String bo = "{\"id\":3,\"name\":\"Bo\",\"email\":\"9c7d6414\",\"pin\":\"***\"}";
        String nobody = "{\"id\":2,\"name\":null,\"email\":null,\"pin\":\"***\"}";
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(2);
            database.execute(
                    "insert into customers values (3, 'Bo', 'a@x.org', '9', 1)",
                    "update customers set ssn = '1' where id = 1",
                    "delete from customers where id = 1");
            running.awaitChanges(5);
            running.storeAll();
            running.capture()
                    .backfill(List.of(new Backfill("1", new TableName("public", "customers"), "id = 2", false)));
            running.awaitChanges(6);
            assertThat(records(running))
                    .containsExactly(
                            "r {\"id\":1} null -> " + anna,
                            "r {\"id\":2} null -> " + nobody,
                            "c {\"id\":3} null -> " + bo,
                            "u {\"id\":1} " + anna + " -> " + anna,
                            "d {\"id\":1} " + anna + " -> null",
                            "tombstone {\"id\":1}",
                            "r {\"id\":2} null -> " + nobody);
        }
    }

    @Test
    void aKeyKeepsItsColumnsThoughTheRowLeavesThemOutAndHasTheHashThatTheRowHas() throws Exception {
        database.execute("create table accounts (iban text primary key, owner text)");
        var excluded = settings(
                Map.of(CaptureOption.COLUMN_INCLUDE_LIST, ".*owner", CaptureOption.SNAPSHOT_MODE, "no_data"), Map.of());
        var hashed = settings(Map.of(), Map.of("column.mask.hash.v2.SHA-256.with.salt.s", ".*iban"));
        try (var running = RunningCapture.start(excluded)) {
            database.execute("insert into accounts values ('a@x.org', 'Ann')");
            running.awaitChanges(1);
            assertThat(records(running)).containsExactly("c {\"iban\":\"a@x.org\"} null -> {\"owner\":\"Ann\"}");
        }
        try (var running = RunningCapture.start(hashed)) {
            running.awaitChanges(1);
            database.execute("delete from accounts");
            running.awaitChanges(2);
            assertThat(records(running).get(1))
                    .startsWith("d {\"iban\":\"9c7d6414")
                    .contains(" {\"iban\":\"9c7d6414");
        }
    }

    @Test
    void aKeyThatAMaskWouldMakeTheSameForManyRowsIsRefused() throws Exception {
        database.execute("create table accounts (iban text primary key)", "insert into accounts values ('x')");
        var settings = settings(Map.of(), Map.of("column.mask.with.3.chars", ".*"));
        try (var running = RunningCapture.start(settings)) {
            assertThatThrownBy(() -> running.awaitChanges(1))
                    .isInstanceOf(CaptureException.class)
                    .hasMessageStartingWith(
                            "Column \"iban\" of table public.accounts is part of the key of its messages");
        }
    }

    @Test
    void aKeyOfOnesChoiceHasItsOrderAndFollowsItsChanges() throws Exception {
        database.execute(
                "create table orders (id int primary key, shop text, number int)",
                "alter table orders replica identity full",
                "insert into orders values (1, 'north', 10)");
        var settings = settings(Map.of(CaptureOption.MESSAGE_KEY_COLUMNS, "public.orders:shop,number"), Map.of());
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(1);
            database.execute(
                    "update orders set id = 2", "update orders set number = 11", "delete from orders where id = 2");
            running.awaitChanges(4);
            assertThat(records(running).stream().map(record -> record.replaceAll(" (null|\\{[^}]*}) -> .*", "")))
                    .containsExactly(
                            "r {\"shop\":\"north\",\"number\":10}",
                            "u {\"shop\":\"north\",\"number\":10}",
                            "d {\"shop\":\"north\",\"number\":10}",
                            "tombstone {\"shop\":\"north\",\"number\":10}",
                            "c {\"shop\":\"north\",\"number\":11}",
                            "d {\"shop\":\"north\",\"number\":11}",
                            "tombstone {\"shop\":\"north\",\"number\":11}");
        }
    }

    @Test
    void aDeleteThatDoesNotCarryTheChosenKeyIsToldAndNotGivenAnEmptyOne() throws Exception {
        database.execute("create table orders (id int primary key, shop text)", "insert into orders values (1, 'x')");
        var settings = settings(Map.of(CaptureOption.MESSAGE_KEY_COLUMNS, "public.orders:shop"), Map.of());
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(1);
            database.execute("update orders set shop = 'y'", "delete from orders");
            running.awaitChanges(3);
            assertThatThrownBy(() -> records(running))
                    .isInstanceOf(BadValueException.class)
                    .hasMessageContaining("the WAL does not carry key column \"shop\"")
                    .hasMessageContaining("REPLICA IDENTITY FULL");
        }
    }

    @Test
    void aChosenColumnThatATableDoesNotHaveStopsTheSource() throws Exception {
        database.execute("create table orders (id int primary key)", "insert into orders values (1)");
        var settings = settings(Map.of(CaptureOption.MESSAGE_KEY_COLUMNS, ".*:number"), Map.of());
        try (var running = RunningCapture.start(settings)) {
            assertThatThrownBy(() -> running.awaitChanges(1))
                    .hasMessage(
                            "message.key.columns names column \"number\" of table public.orders, which has only [id]:"
                                    + " correct it.");
        }
    }

    @Test
    void operationsAndUpdatesWithoutChangeAreLeftOutAndWhatIsStoredGoesOnBehindThem() throws Exception {
        database.execute(
                "create table t (id int primary key, seen text, hidden text)", "alter table t replica identity full");
        var settings = settings(
                Map.of(
                        CaptureOption.SNAPSHOT_MODE, "no_data",
                        CaptureOption.SKIPPED_OPERATIONS, "d, t",
                        CaptureOption.SKIP_MESSAGES_WITHOUT_CHANGE, "true",
                        CaptureOption.PROVIDE_TRANSACTION_METADATA, "true",
                        CaptureOption.COLUMN_EXCLUDE_LIST, ".*hidden"),
                Map.of());
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "begin; insert into t values (1, 'a', 'a'), (2, 'a', 'a'); update t set hidden = 'b';"
                            + " update t set seen = 'b' where id = 2; delete from t where id = 1; commit",
                    "truncate t",
                    "insert into t values (3, 'c', 'c')");
            assertThat(running.awaitText("INSERT t[3, c, c]"))
                    .containsExactly(
                            "INSERT t[1, a, a]", "INSERT t[2, a, a]", "UPDATE t[2, b, b]", "INSERT t[3, c, c]");
            running.await(events -> events.stream()
                            .filter(CaptureEvent.Commit.class::isInstance)
                            .count()
                    == 2);
            assertThat(running.events().stream()
                            .filter(CaptureEvent.Commit.class::isInstance)
                            .map(event -> ((CaptureEvent.Commit) event)
                                    .counts().stream()
                                            .map(CollectionCount::events)
                                            .toList())
                            .toList())
                    .containsExactly(List.of(3L), List.of(1L));
            stored = running.events().get(1).position();
        }
        try (var running = RunningCapture.resume(settings, stored)) {
            assertThat(running.awaitText("INSERT t[3, c, c]"))
                    .containsExactly("INSERT t[2, a, a]", "UPDATE t[2, b, b]", "INSERT t[3, c, c]");
        }
    }

    /** A change that is not told must not take a row out of a backfill, as one that is told does. */
    @Test
    void aBackfillTellsRowsThatSkippedUpdatesWrite() throws Exception {
        int rows = 20_000;
        database.execute(
                "create table t (id int primary key, n int)",
                "insert into t select i, 0 from generate_series(1, " + rows + ") i");
        var settings = settings(
                Map.of(CaptureOption.SNAPSHOT_MODE, "no_data", CaptureOption.SKIPPED_OPERATIONS, "u"), Map.of());
        var done = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; !done.get(); i++) {
                database.execute("update t set n = n + 1 where id % 20 = " + i % 20);
            }
        });
        try (var running = RunningCapture.start(settings)) {
            running.capture().backfill(List.of(new Backfill("1", new TableName("public", "t"), "", false)));
            running.await(events -> {
                running.storeAll();
                return running.capture().backfills().stream().anyMatch(BackfillProgress::hasEnded);
            });
            assertThat(running.texts()).hasSize(rows).allMatch(text -> text.startsWith("READ_AGAIN"));
        } finally {
            done.set(true);
            writer.join();
        }
    }

    @Test
    void aHashThatItsColumnCutsOffIsNoKey() throws Exception {
        database.execute("create table short (code varchar(8) primary key)", "insert into short values ('x')");
        var settings = settings(Map.of(), Map.of("column.mask.hash.v2.SHA-256.with.salt.s", ".*code"));
        try (var running = RunningCapture.start(settings)) {
            assertThatThrownBy(() -> running.awaitChanges(1)).hasMessageContaining("a hash that is cut off");
        }
    }

    private CaptureSettings settings(Map<CaptureOption, String> options, Map<String, String> masks) {
        var all = new EnumMap<CaptureOption, String>(CaptureOption.class);
        all.putAll(options);
        all.put(CaptureOption.URL, database.url());
        return CaptureSettings.of(database.name(), all, masks);
    }

    /** For instance {@code u {"id":1} {"id":1,"v":"a"} -> {"id":1,"v":"b"}}. */
    private List<String> records(RunningCapture running) {
        var json = new DebeziumJson("1", "app", database.name(), ValueHandling.DEFAULT, InstantSource.system());
        List<String> records = new ArrayList<>();
        for (CaptureEvent event : running.events()) {
            if (event instanceof CaptureEvent.Row row) {
                for (ChangeRecord record : ChangeRecords.of(row)) {
                    byte[] key = json.key(record);
                    byte[] value = json.value(record);
                    records.add((record.op() == Op.TOMBSTONE
                                    ? "tombstone"
                                    : record.op().code()) + " "
                            + (key == null ? "" : new String(key, UTF_8))
                            + (value == null ? "" : " " + rows(new String(value, UTF_8))));
                }
            }
        }
        return records;
    }

    private static String rows(String value) {
        return value.substring("{\"before\":".length(), value.indexOf(",\"source\":"))
                .replace(",\"after\":", " -> ");
    }
}
