package io.paillette.capture;

import java.util.Optional;

/**
 * How much WAL the slot of a source holds back.
 *
 * @param retainedBytes WAL from the oldest that the slot still needs to the newest
 * @param walStatus     as in pg_replication_slots; empty on Postgres 12, which does not tell
 * @param warning       one sentence when a person should look, before the slot is lost or the disk is full
 */
public record SlotState(long retainedBytes, String walStatus, Optional<String> warning) {}
