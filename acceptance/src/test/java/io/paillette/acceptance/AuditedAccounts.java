package io.paillette.acceptance;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * A table {@code account} that is changed at random, and a trigger that notes each change of it in the same transaction. Beside
 * it a function {@code calm()}, which fails at times.
 */
final class AuditedAccounts {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int IDS = 50;

    private final Database database;
    private final int steps;
    private final AtomicInteger done = new AtomicInteger();
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);

    /** @param steps statements that change it */
    AuditedAccounts(Database database, int steps) {
        this.database = database;
        this.steps = steps;
        database.execute(
                "create table mood (angry boolean)",
                "insert into mood values (false)",
                "create function calm() returns boolean language plpgsql as $$ begin"
                        + " if (select angry from mood) then raise 'not now'; end if; return true; end $$",
                "create table account (id int primary key, balance int not null)",
                "alter table account replica identity full",
                "create table audit (n serial primary key, op text, id int, was int, now int)",
                "create function note() returns trigger language plpgsql as $$ begin insert into audit (op, id, was, now)"
                        + " values (lower(tg_op), coalesce(new.id, old.id), old.balance, new.balance); return null; end $$",
                "create trigger note after insert or update or delete on account for each row execute function note()");
    }

    /**
     * One committed change of a row.
     *
     * @param was balance before, which an insert does not have; {@code now} the one afterwards, which a delete does not have
     */
    record Change(String op, int id, Integer was, Integer now) {

        boolean is(String other) {
            return op.equals(other);
        }

        /** As it is afterwards, or was before it was deleted. */
        int balance() {
            return now == null ? was : now;
        }
    }

    /** Begins to change it: one writer, so that the audit is in the order of commits. It outlives that Postgres is away. */
    void write(Random random) {
        writing = CompletableFuture.runAsync(() -> {
            while (done.get() < steps) {
                try (var connection = database.connect();
                        var statement = connection.createStatement()) {
                    while (done.get() < steps) {
                        statement.execute(statement(random));
                        done.incrementAndGet();
                    }
                } catch (SQLException e) {
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // what committed is in the audit
                }
            }
        });
    }

    private static String statement(Random random) {
        int id = random.nextInt(IDS);
        if (random.nextInt(100) == 0) {
            return "update mood set angry = not angry";
        }
        return switch (random.nextInt(6)) {
            case 0 -> "delete from account where id = " + id;
            case 1 -> "update account set balance = balance + 40 where id % 7 = " + id % 7;
            case 2 -> "update account set balance = balance - 40 where id % 5 = " + id % 5;
            default ->
                "insert into account values (" + id + ", " + random.nextInt(200)
                        + ") on conflict (id) do update set balance = excluded.balance";
        };
    }

    /** Waits until a share of the statements is done. */
    void awaitShare(int share, int of) {
        Awaitility.await().atMost(LIMIT).until(() -> done.get() >= share * steps / of || writing.isDone());
    }

    /** Whether all statements are done. */
    boolean isWritten() {
        return writing.isDone();
    }

    /** Waits until all are done; whatever failed at times does not from then on. */
    void awaitEnd() {
        writing.join();
        database.execute("update mood set angry = false");
    }

    /** How many are committed until now. */
    int changes() {
        return Integer.parseInt(database.query("select count(*) from audit"));
    }

    List<Change> audit() throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select op, id, was, now from audit order by n")) {
            var changes = new ArrayList<Change>();
            while (row.next()) {
                changes.add(new Change(
                        row.getString(1),
                        row.getInt(2),
                        row.getObject(3, Integer.class),
                        row.getObject(4, Integer.class)));
            }
            return changes;
        }
    }
}
