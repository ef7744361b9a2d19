package io.paillette.broker.log;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * A client's append on its way to its offset, and what it has waited for already.
 *
 * @param producersKnown what the partition knows of its producers was loaded for it
 * @param verified       the coordinator has said that its transaction includes the partition
 */
record WantedAppend(
        MemoryRecords records,
        Optional<TransactionEntry> transaction,
        CompletableFuture<AppendResult> answer,
        boolean producersKnown,
        boolean verified) {

    static WantedAppend of(MemoryRecords records, Optional<TransactionEntry> transaction) {
        return new WantedAppend(records, transaction, new CompletableFuture<>(), false, false);
    }

    WantedAppend withProducers() {
        return new WantedAppend(records, transaction, answer, true, verified);
    }

    WantedAppend withTransaction() {
        return new WantedAppend(records, transaction, answer, producersKnown, true);
    }

    /** It has been here before, and gets the same answer. */
    void follow(CompletableFuture<AppendResult> first) {
        var unused = first.whenComplete((result, error) -> {
            if (error == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(error);
            }
        });
    }

    void refuse(Throwable cause) {
        answer.completeExceptionally(cause);
    }
}
