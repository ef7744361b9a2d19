package io.paillette.broker.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.KafkaStorageException;

/** Questions to the store, on the threads that wait for it; too many at once are refused, retriably. */
record StoreCalls(Executor threads) {

    <T> CompletableFuture<T> ask(Supplier<T> question) {
        try {
            return CompletableFuture.supplyAsync(question, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new KafkaStorageException("too many reads wait for the store; ask again", e));
        }
    }
}
