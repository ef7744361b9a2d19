package io.paillette.broker.api;

import io.paillette.broker.log.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Reads the partitions of one fetch side by side, within one budget of bytes. */
final class PartitionReads {

    private final Partitions partitions;

    PartitionReads(Partitions partitions) {
        this.partitions = partitions;
    }

    /** Enough bytes are there, or a partition has an error to tell. Never asks the store. */
    boolean worthAnswering(List<PartitionRead> wanted, long minBytes, IsolationLevel isolation) {
        long available = 0;
        for (PartitionRead read : wanted) {
            if (available >= minBytes) {
                return true;
            }
            try {
                PartitionLog log = partitions.led(read.partition().topicPartition(), read.clientEpoch());
                if (read.offset() < log.logStartOffset() || read.offset() > log.highWatermark()) {
                    return true; // out of range
                }
                available +=
                        log.availableBytes(read.offset(), Math.min(read.maxBytes(), minBytes - available), isolation);
            } catch (RuntimeException e) {
                return true; // reading tells which
            }
        }
        return available >= minBytes;
    }

    /**
     * Each partition gets what it asked for as long as the budget lasts, first come first served; the first one with
     * anything to give may exceed it by one batch. The budget is shared out by what is available before anything is read,
     * so that reads of the store run side by side.
     *
     * @return in the order of {@code wanted}; never fails, errors are answers
     */
    CompletableFuture<List<PartitionAnswer>> read(List<PartitionRead> wanted, int maxBytes, IsolationLevel isolation) {
        List<CompletableFuture<PartitionAnswer>> answers = new ArrayList<>(wanted.size());
        long left = maxBytes;
        boolean nothingYet = true;
        for (PartitionRead read : wanted) {
            long share = Math.min(read.maxBytes(), left);
            long available = available(read, Math.max(share, 1), isolation);
            boolean atLeastOne = nothingYet && available > 0;
            nothingYet &= !atLeastOne;
            left -= Math.min(share, available);
            answers.add(read(read, (int) share, atLeastOne, isolation));
        }
        return Futures.inOrder(answers);
    }

    private long available(PartitionRead read, long enough, IsolationLevel isolation) {
        try {
            PartitionLog log = partitions.led(read.partition().topicPartition(), read.clientEpoch());
            boolean inRange = read.offset() >= log.logStartOffset() && read.offset() <= log.highWatermark();
            return inRange ? log.availableBytes(read.offset(), enough, isolation) : 0;
        } catch (RuntimeException e) {
            return 0; // reading tells why
        }
    }

    private CompletableFuture<PartitionAnswer> read(
            PartitionRead read, int maxBytes, boolean atLeastOne, IsolationLevel isolation) {
        return Futures.attempt(() -> partitions
                        .led(read.partition().topicPartition(), read.clientEpoch())
                        .read(read.offset(), maxBytes, atLeastOne, isolation))
                .handle((slice, failure) -> new PartitionAnswer(
                        read.partition(),
                        slice,
                        slice != null ? Errors.NONE : Unexpected.told(ApiKeys.FETCH, failure)));
    }
}
