package io.paillette.connect;

import io.paillette.struct.NameAdjustment;

/** What topics, schemas and fields are called. */
record Naming(TopicNames topics, NameAdjustment schemas, NameAdjustment fields) {}
