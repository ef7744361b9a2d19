package io.paillette.broker.log;

import java.io.File;
import java.util.concurrent.Executor;
import org.apache.kafka.common.utils.Time;

/**
 * What all partitions of a broker share.
 *
 * @param reads        runs what asks the store on behalf of a reader; bounded
 * @param housekeeping runs what nobody waits for
 */
record LogParts(
        LogStore store,
        LogWriter writer,
        Executor reads,
        Executor housekeeping,
        TailCache cache,
        File empty,
        Time time) {}
