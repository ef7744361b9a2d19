package io.paillette.broker.log;

/**
 * An append that is committed in the store.
 *
 * @param baseOffset    of the first record; for a duplicate batch the offset it got the first time
 * @param logAppendTime milliseconds, or -1 when the topic keeps the producer's timestamps
 */
public record AppendResult(long baseOffset, long logAppendTime, long logStartOffset) {}
