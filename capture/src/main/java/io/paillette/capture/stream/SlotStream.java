package io.paillette.capture.stream;

import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SourceDatabase;

/**
 * What is streamed.
 *
 * @param publications for START_REPLICATION's option {@code publication_names}
 */
record SlotStream(SourceDatabase source, ServerFacts server, String slot, String publications) {}
