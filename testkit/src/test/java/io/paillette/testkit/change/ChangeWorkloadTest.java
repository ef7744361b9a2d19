package io.paillette.testkit.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.change.Change.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ChangeWorkloadTest {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final long seed = System.nanoTime();

    /** Cut connections leave commits of unknown outcome, as a kill does; here the tables tell what really happened. */
    @Test
    void whatTheWritersKnowIsWhatTheTablesHoldAlsoWhenConnectionsAreCut() {
        var database = PostgresServer.shared().newDatabase();
        ChangeWorkload.createTables(database, 4);
        try (var workload = ChangeWorkload.start(database, new ChangeWorkload.Plan(4, 6_000, 0, seed))) {
            KillSchedule.run(
                    8,
                    List.of(new KillSchedule.Victim("connections", () -> cut(database))),
                    workload::committed,
                    6_000,
                    new Random(seed),
                    line -> {});
            var committed = workload.await(LIMIT);

            assertThat(committed).as("seed %s", seed).hasSizeGreaterThanOrEqualTo(6_000);
            var live = new HashMap<String, Map<Long, Long>>();
            for (Change change : committed) {
                var rows = live.computeIfAbsent(change.table(), table -> new HashMap<>());
                if (change.kind() == Kind.DELETE) {
                    assertThat(rows.remove(change.id()))
                            .as("seed %s: %s", seed, change)
                            .isNotNull();
                } else {
                    rows.put(change.id(), change.version());
                }
            }
            for (String table : ChangeWorkload.TABLES) {
                String expected = live.getOrDefault(table, new HashMap<>()).entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(row -> row.getKey() + ":" + row.getValue())
                        .collect(Collectors.joining(","));
                assertThat(database.query("select string_agg(id || ':' || version, ',' order by id) from " + table))
                        .as("seed %s: %s", seed, table)
                        .isEqualTo(expected);
            }
        }
    }

    private static void cut(PostgresServer.Database database) {
        database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                + "where datname = current_database() and pid <> pg_backend_pid()");
    }

    @Test
    void aSeedAlwaysMakesTheSameTransactions() {
        var one = new WriterState(1, 4, ChangeWorkload.TABLES, new Random(seed));
        var other = new WriterState(1, 4, ChangeWorkload.TABLES, new Random(seed));
        for (int i = 0; i < 500; i++) {
            var transaction = one.plan();
            assertThat(other.plan()).isEqualTo(transaction);
            one.apply(transaction);
            other.apply(transaction);
        }
    }
}
