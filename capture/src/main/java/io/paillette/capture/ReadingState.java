package io.paillette.capture;

/**
 * How far reading the rows that were there before is, counted from the start of the capture: what was read before a restart
 * is in none of the figures.
 *
 * @param tables        that are read or were, and those that wait for it
 * @param tablesRead    those of them that are done with
 * @param rows          read and handed over
 * @param estimatedRows that the tables have, as Postgres estimates; 0 for one that it has not analyzed yet
 */
public record ReadingState(int tables, int tablesRead, long rows, long estimatedRows) {}
