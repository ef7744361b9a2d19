package io.paillette.connect;

import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** An application that writes rows 1, 2, 3 ... of {@code t (id)}, each in a transaction of its own, until it is told to end. */
final class NumberedRows {

    private final Database database;
    private volatile boolean mayEnd;
    private volatile int last;
    private final CompletableFuture<Void> running;

    private NumberedRows(Database database) {
        this.database = database;
        this.running = CompletableFuture.runAsync(this::write);
    }

    static NumberedRows into(Database database) {
        return new NumberedRows(database);
    }

    /** Those that are in the table when it has ended at {@code last}, and the row 0 from before. */
    static List<String> to(int last) {
        return IntStream.rangeClosed(0, last).mapToObj(String::valueOf).toList();
    }

    private void write() {
        for (int next = 1; !mayEnd; next++) {
            database.execute("insert into t values (" + next + ")");
            last = next;
        }
    }

    int last() {
        return last;
    }

    /** The last row. */
    int end() {
        mayEnd = true;
        running.join();
        return last;
    }
}
