package io.paillette.benchmarks;

/** Where a member sits: its group, and the connection that it shares with nobody. */
record Seat(Wire wire, Link link, String group, GroupScale scale) {}
