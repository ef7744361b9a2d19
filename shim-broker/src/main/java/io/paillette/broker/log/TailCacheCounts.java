package io.paillette.broker.log;

/**
 * @param bytes  of memory that it holds
 * @param hits   reads that it answered, since the start
 * @param misses reads that Postgres had to answer
 */
public record TailCacheCounts(long bytes, long hits, long misses) {}
