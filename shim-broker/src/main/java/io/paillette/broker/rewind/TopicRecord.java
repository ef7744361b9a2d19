package io.paillette.broker.rewind;

import org.jspecify.annotations.Nullable;

/** A record of a topic, as far as a place is found by it. */
@SuppressWarnings("ArrayRecordComponent") // records are never compared
public record TopicRecord(int partition, long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value) {}
