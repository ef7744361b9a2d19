package io.paillette.capture;

/**
 * The place of a record among those of its transaction, and among those of them that are of the same table; both from 1. A
 * tombstone has none.
 */
public record EventOrder(long total, long inCollection) {}
