package io.paillette.broker.log;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.kafka.common.utils.Time;

/**
 * What all partitions of a broker share.
 *
 * @param readers        for what is not in the tail cache
 * @param housekeeping   runs what nobody waits for
 * @param producerExpiry a producer that is silent for longer is forgotten
 */
record LogParts(
        LogStore store,
        LogWriter writer,
        Readers readers,
        Executor housekeeping,
        TailCache cache,
        Duration producerExpiry,
        Time time) {

    record Readers(StoreCalls calls, ReadAhead ahead) {}
}
