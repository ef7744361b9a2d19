package io.paillette.broker.log;

import java.util.OptionalLong;

/**
 * A producer that a partition remembers (DescribeProducers).
 *
 * @param lastSequence       -1 when none of its batches is remembered
 * @param lastTimestampMs    when it last wrote
 * @param transactionOffset  of the first record of its open transaction
 */
public record ActiveProducer(
        long producerId, short epoch, int lastSequence, long lastTimestampMs, OptionalLong transactionOffset) {}
