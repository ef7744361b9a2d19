package io.paillette.capture;

import java.time.Instant;

/**
 * The source transaction that an event belongs to.
 *
 * @param xid       32-bit transaction id, unsigned
 * @param commit    LSN of the commit record
 * @param committed when it committed, microseconds, by the source's clock; for snapshot rows the time they were read
 * @param start     position before the first message of this transaction
 */
public record TransactionInfo(long xid, Lsn commit, Instant committed, Position start) {}
